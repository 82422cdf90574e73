// Selecting rows: pick one, a range with Shift, the page, or all that match the filter.

const texts = () => document.getElementById("texts").dataset;
let last = null;

function refresh(form) {
  const picks = [...form.querySelectorAll("[data-pick]")];
  const chosen = picks.filter((pick) => pick.checked);
  const bar = form.querySelector("[data-bulk-bar]");
  const everything = form.querySelector('[name="all_matching"]');
  const all = form.querySelector("[data-pick-all]");
  if (chosen.length === 0 && everything) everything.checked = false;
  if (all) {
    all.checked = picks.length > 0 && chosen.length === picks.length;
    all.indeterminate = chosen.length > 0 && chosen.length < picks.length;
  }
  for (const pick of picks) pick.closest("tr")?.classList.toggle("is-selected", pick.checked);
  if (!bar) return;
  bar.classList.toggle("is-active", chosen.length > 0);
  form.style.setProperty("--bulk", `${bar.offsetHeight}px`);
  const count = bar.querySelector("[data-bulk-count]");
  count.dataset.idle ??= count.textContent;
  const number = (value) => Number(value).toLocaleString("en-US");
  if (everything?.checked) count.textContent = texts().selectedAll.replace("{count}", number(bar.dataset.total));
  else if (chosen.length) count.textContent = texts().selected.replace("{count}", number(chosen.length));
  else count.textContent = count.dataset.idle;
}

document.addEventListener("click", (event) => {
  const pick = event.target.closest?.("[data-pick]");
  if (!pick) return;
  const form = pick.closest("[data-bulk]");
  const picks = [...form.querySelectorAll("[data-pick]")];
  if (event.shiftKey && last && picks.includes(last)) {
    const [from, to] = [picks.indexOf(last), picks.indexOf(pick)].sort((a, b) => a - b);
    for (const each of picks.slice(from, to + 1)) each.checked = pick.checked;
  }
  last = pick;
});

document.addEventListener("change", ({ target }) => {
  const form = target.closest("[data-bulk]");
  if (!form) return;
  if (target.matches("[data-pick-all]")) {
    for (const pick of form.querySelectorAll("[data-pick]")) pick.checked = target.checked;
  }
  if (target.matches("[data-pick], [data-pick-all], [name=all_matching]")) refresh(form);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-bulk]") || form.querySelector("[data-pick]:checked")) return;
  event.preventDefault();
  const text = form.querySelector("[data-bulk-count]")?.dataset.idle;
  if (text) document.dispatchEvent(new CustomEvent("toast", { detail: { tone: "info", text } }));
});

function enhance(root) {
  const forms = root.matches?.("[data-bulk]") ? [root] : root.querySelectorAll("[data-bulk]");
  for (const form of forms) refresh(form);
}

enhance(document);
document.addEventListener("htmx:load", ({ target }) => enhance(target));
