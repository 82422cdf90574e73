// Questions before light acts ([data-confirm]), dialogs opened by a button, printing, going back.

const dialog = document.getElementById("ask");

function ask(source) {
  const yes = dialog.querySelector('button[value="yes"]');
  document.getElementById("ask-text").textContent = source.dataset.confirm;
  yes.textContent = source.dataset.confirmLabel || yes.dataset.defaultLabel;
  yes.classList.toggle("btn-danger", source.dataset.confirmTone === "danger");
  yes.classList.toggle("btn-primary", source.dataset.confirmTone !== "danger");
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

const agreed = new WeakSet();

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const { submitter } = event;
    const source = submitter?.dataset.confirm ? submitter : form.dataset.confirm ? form : null;
    if (!source) return;
    if (agreed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await ask(source)) {
      agreed.add(form);
      form.requestSubmit(submitter);
    }
  },
  true,
);

document.addEventListener("click", ({ target }) => {
  const opener = target.closest?.("[data-open-dialog]");
  if (opener) document.getElementById(opener.dataset.openDialog).showModal();
  if (target.closest?.("[data-print]")) window.print();
  if (target.closest?.("[data-back]")) window.history.back();
});
