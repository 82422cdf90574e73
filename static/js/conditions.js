// [data-when="field" data-when-value="a,b"]: shown only while that field has one of the values.

function values(scope, name) {
  const fields = [...scope.querySelectorAll("input, select, textarea")].filter(
    (field) => field.name === name || field.name.endsWith(`-${name}`),
  );
  return fields.flatMap((field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked ? [field.value] : [];
    return field.multiple ? [...field.selectedOptions].map((option) => option.value) : [field.value];
  });
}

function scopeOf(element) {
  return element.parentElement.closest("[data-scope], fieldset") || element.closest("form") || document.body;
}

function apply(element) {
  const wanted = element.dataset.whenValue.split(",").map((value) => value.trim());
  let scope = scopeOf(element);
  let found = values(scope, element.dataset.when);
  while (!found.length && scope.parentElement?.closest("form")) {
    scope = scopeOf(scope);
    found = values(scope, element.dataset.when);
  }
  element.hidden = !found.some((value) => wanted.includes(value)) && !element.querySelector(".has-error");
}

function enhance(root) {
  for (const element of root.querySelectorAll("[data-when]")) apply(element);
}

document.addEventListener("change", ({ target }) => {
  const form = target.closest("form");
  if (form) enhance(form);
});
enhance(document);
document.addEventListener("htmx:load", ({ target }) => enhance(target));
