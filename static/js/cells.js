// A cell edited in place: Enter saves, Escape gives the value back, and the row's tick learns the new version.

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-cell-form]");
  if (!form || event.isComposing) return;
  const name = { Enter: "[data-cell-save]", Escape: "[data-cell-cancel]" }[event.key];
  if (!name || event.target.matches("button")) return;
  event.preventDefault();
  event.stopPropagation();
  form.querySelector(name).click();
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  target.querySelector?.("[data-cell-form] select")?.focus();
});

document.addEventListener("cell-saved", ({ detail }) => {
  for (const pick of document.querySelectorAll("[data-pick]")) {
    if (pick.value.startsWith(`${detail.row}-`)) pick.value = `${detail.row}-${detail.version}`;
  }
});
