// The number doctor: a choice goes into the healed column at once ([data-choice] is the line, from 1).
// Without this the choices are taken by the button below the table.

const area = document.querySelector("[data-healed]");
const copy = document.querySelector("[data-healed-copy]");

function put(select) {
  const lines = area.value.split("\n");
  lines[Number(select.dataset.choice) - 1] = select.selectedOptions[0].dataset.number || select.dataset.usual;
  area.value = lines.join("\n");
  copy.dataset.copy = area.value;
}

document.addEventListener("change", ({ target }) => {
  if (area && target.matches("[data-choice]")) put(target);
});
