// The dossier page: rows of statuses and intents, cascading lists, what rule R1 frees, counters of characters.
// Without this everything is shown and one blank row stands at the end of each list.

const form = document.querySelector("[data-dossier-form]");

const NEEDS_AMOUNT = ["licensed", "transferred", "self_industrialised"];
const NEEDS_PRODUCT = ["industrialised_by_licensee", "industrialised_by_partner"];

function part(row, name) {
  return row.querySelector(`[data-part="${name}"]`);
}

function control(row, name) {
  return row.querySelector(`[name$="-${name}"]`);
}

function show(element, isShown) {
  if (element) element.hidden = !isShown;
}

function offer(select, codes) {
  const chosen = select.value;
  for (const option of select.options) {
    const isOffered = option.value === "" || codes.includes(option.value);
    option.hidden = !isOffered;
    option.disabled = !isOffered;
  }
  if (chosen && !codes.includes(chosen)) select.value = "";
}

function refreshRow(row, cascades) {
  const level1 = control(row, "level1").value;
  const level2 = control(row, "level2");
  const codes = cascades[row.dataset.markRow][level1] || [];
  const isOwnOnly = codes.length === 1 && codes[0] === "custom";
  offer(level2, codes);
  show(part(row, "level2"), codes.length > 1);
  const hasProduct = NEEDS_PRODUCT.includes(level2.value);
  show(part(row, "amount"), NEEDS_AMOUNT.includes(level1) && !hasProduct);
  show(part(row, "product"), hasProduct);
  show(part(row, "report"), level1 === "has_report");
  show(part(row, "wording"), isOwnOnly || level2.value === "custom");
  show(part(row, "remark"), level1 !== "");
  show(part(row, "fee"), level1 !== "");
}

function isDeleted(row) {
  return control(row, "DELETE").checked;
}

function rowsOf(name) {
  return [...form.querySelectorAll(`[data-rows="${name}"] > [data-mark-row]`)];
}

function refreshFreed() {
  const unsuitable = form.dataset.unsuitable.split(",");
  const isFreed = rowsOf("statuses").some((row) => !isDeleted(row) && unsuitable.includes(control(row, "level1").value));
  for (const element of form.querySelectorAll("[data-freed]")) element.hidden = isFreed;
  for (const element of form.querySelectorAll("[data-freed-note]")) element.hidden = !isFreed;
}

function refreshChecked() {
  for (const element of form.querySelectorAll("[data-unless-checked], [data-if-checked]")) {
    const name = element.dataset.unlessChecked || element.dataset.ifChecked;
    const isChecked = form.elements.namedItem(name).checked;
    element.hidden = element.dataset.unlessChecked ? isChecked : !isChecked;
  }
}

function refreshDivisions() {
  const section = form.elements.namedItem("industry");
  const division = form.elements.namedItem("industry_division");
  const name = section.selectedOptions[0]?.textContent.slice(2).trim() || "";
  for (const group of division.querySelectorAll("optgroup")) {
    const isOffered = group.label === name;
    group.hidden = !isOffered;
    group.disabled = !isOffered;
  }
  const chosen = division.selectedOptions[0]?.parentElement;
  if (chosen instanceof HTMLOptGroupElement && chosen.disabled) division.value = "";
}

function refresh(cascades) {
  for (const row of form.querySelectorAll("[data-rows] > [data-mark-row]")) refreshRow(row, cascades);
  refreshFreed();
  refreshChecked();
  refreshDivisions();
}

function saysNothing(row) {
  const inputs = [...row.querySelectorAll("select, input:not([type=checkbox]), textarea")];
  return inputs.every((input) => !input.value);
}

function total(name) {
  return form.elements.namedItem(`${name}-TOTAL_FORMS`);
}

function addRow(name, cascades) {
  const place = total(name).value;
  const template = form.querySelector(`[data-row-template="${name}"]`);
  const holder = document.createElement("div");
  holder.innerHTML = template.innerHTML.replaceAll("__prefix__", place);
  const row = holder.firstElementChild;
  form.querySelector(`[data-rows="${name}"]`).append(row);
  total(name).value = String(Number(place) + 1);
  dress(row);
  refreshRow(row, cascades);
  return row;
}

function removeRow(row) {
  const name = row.dataset.markRow;
  control(row, "DELETE").checked = true;
  row.hidden = true;
  const left = rowsOf(name).filter((other) => !isDeleted(other));
  const next = left.at(-1) || addRow(name, cascades);
  control(next, "level1").focus();
  control(row, "DELETE").dispatchEvent(new Event("change", { bubbles: true }));
}

function dress(row) {
  show(row.querySelector(`[data-field$="-DELETE"]`), false);
  const button = row.querySelector("[data-remove-row]");
  button.hidden = false;
  button.addEventListener("click", () => removeRow(row));
}

function dropSpare(name) {
  const rows = rowsOf(name);
  const last = rows.at(-1);
  const place = Number(total(name).value) - 1;
  const isExtra = place >= Number(form.elements.namedItem(`${name}-INITIAL_FORMS`).value);
  if (rows.length > 1 && isExtra && saysNothing(last)) {
    last.remove();
    total(name).value = String(place);
  }
}

function count(area) {
  const field = area.closest(".field");
  let mark = field.querySelector(".field-count");
  if (!mark) {
    mark = document.createElement("span");
    mark.className = "field-help field-count";
    field.querySelector(".field-help")?.before(mark);
  }
  const length = [...area.value.trim()].length;
  mark.textContent = `${length} / ${area.dataset.count}`;
  mark.classList.toggle("is-over", length > Number(area.dataset.count));
}

function keepVersionInStep() {
  const version = form.elements.namedItem("version");
  for (const other of document.querySelectorAll("input[data-version]")) other.value = version.value;
}

const cascades = form ? JSON.parse(form.dataset.cascades) : {};

if (form) {
  for (const name of ["statuses", "intents"]) {
    dropSpare(name);
    for (const row of rowsOf(name)) dress(row);
    const button = form.querySelector(`[data-add-row="${name}"]`);
    button.hidden = false;
    button.addEventListener("click", () => control(addRow(name, cascades), "level1").focus());
  }
  form.addEventListener("change", () => refresh(cascades));
  form.addEventListener("input", ({ target }) => target.dataset.count && count(target));
  for (const area of form.querySelectorAll("[data-count]")) count(area);
  refresh(cascades);
  document.addEventListener("submit", keepVersionInStep, true);
  // autosave does it
  form.querySelector("[data-plain-save]").hidden = true;
  document.querySelector("[data-focus]")?.focus();
}
