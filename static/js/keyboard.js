// Keys: / search, ? list, J K Enter X in tables, Ctrl+Enter sends, single keys named by [data-key]. Silent while typing.

// what can be pressed; rows of lists carry the key of their record under the same name
const KEYED = ":is(a, button, summary)[data-key]";

// a tick takes no letters
const EDITABLE = "input:not([type=checkbox]), select, textarea, [contenteditable], .ts-control";
// the rows of the list, where a page has other tables beside it; never those of a closed fold
const LISTED = "main table[data-list]:not(.opened) > tbody > tr";
const rows = () => {
  const listed = [...document.querySelectorAll(LISTED)];
  const all = listed.length ? listed : [...document.querySelectorAll("main .grid > tbody > tr")];
  return all.filter((row) => row.checkVisibility());
};
let focused = null;

/** The row meant by a key: the one in the drawer, the one that has the focus, the one marked last. */
function current() {
  const all = rows();
  const holds = (row) => row.contains(document.activeElement);
  return all.find((row) => row.classList.contains("is-open")) || all.find(holds) || all.find((row) => row === focused);
}

function step(by) {
  const inDrawer = document.querySelector(
    `#drawer[open] [data-drawer-step="${by > 0 ? "next" : "previous"}"]`,
  );
  if (inDrawer) return inDrawer.click();
  const all = rows();
  if (!all.length) return undefined;
  const from = all.indexOf(current());
  focused?.classList.remove("is-focused");
  focused = all[Math.min(all.length - 1, Math.max(0, from + by))];
  focused.classList.add("is-focused");
  focused.scrollIntoView({ block: "nearest" });
  // Enter opens what is marked, and a screen reader says it
  focused.querySelector("a")?.focus({ preventScroll: true });
  if (document.querySelector("#drawer[open]")) focused.querySelector("[data-drawer]")?.click();
  return undefined;
}

const ACTS = {
  "/": () => {
    const search = document.querySelector("[data-search]");
    search?.focus();
    search?.select();
  },
  "?": () => document.getElementById("shortcuts").showModal(),
  j: () => step(1),
  k: () => step(-1),
  x: () => current()?.querySelector("[data-pick]")?.click(),
};

function keyed(key) {
  return [...document.querySelectorAll(KEYED)].find(
    (each) => each.dataset.key.toLowerCase() === key.toLowerCase(),
  );
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.target.form?.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(EDITABLE)) return;
  if (document.querySelector("dialog:modal")) return;
  const act = ACTS[event.key] || ACTS[event.key.toLowerCase()] || (keyed(event.key) && (() => keyed(event.key).click()));
  if (!act) return;
  event.preventDefault();
  act();
});

const list = document.querySelector(".shortcut-list");
for (const each of document.querySelectorAll(KEYED)) {
  const line = document.createElement("div");
  const term = document.createElement("dt");
  const key = document.createElement("kbd");
  const text = document.createElement("dd");
  key.textContent = each.dataset.key.toUpperCase();
  text.textContent = each.getAttribute("aria-label") || each.textContent.trim();
  term.append(key);
  line.append(term, text);
  list.append(line);
}
