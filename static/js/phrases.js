// A phrase goes in where the cursor last stood ([data-insert], [data-insert-into]); the field saves itself as if typed.

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-insert]");
  if (!button) return;
  const area = document.querySelector(`textarea[name="${button.dataset.insertInto}"]`);
  area.focus();
  area.setRangeText(button.dataset.insert, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.dispatchEvent(new Event("change", { bubbles: true }));
});
