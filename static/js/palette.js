// Ctrl/⌘ K: go to a page, a saved view or a patent by its number. Silent in the middle of a composition.

const PAUSE_MS = 200;
const palette = document.getElementById("palette");
const input = palette?.querySelector("input");
const results = document.getElementById("palette-results");
let timer = 0;

const hits = () => [...results.querySelectorAll("[data-hit]")];

function ask() {
  const address = `${palette.dataset.url}?q=${encodeURIComponent(input.value)}`;
  window.htmx.ajax("GET", address, { source: "#palette-results", target: "#palette-results", swap: "innerHTML" });
}

function move(by) {
  const all = hits();
  if (!all.length) return;
  const at = all.findIndex((hit) => hit.classList.contains("is-focused"));
  all[at]?.classList.remove("is-focused");
  const next = all[(at + by + all.length) % all.length];
  next.classList.add("is-focused");
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || !palette || !window.htmx) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (palette.open) return;
    palette.showModal();
    input.select();
    ask();
    return;
  }
  if (!palette.open) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && event.target === input) {
    event.preventDefault();
    (results.querySelector("[data-hit].is-focused") || hits()[0])?.click();
  }
});

input?.addEventListener("input", (event) => {
  if (event.isComposing) return;
  window.clearTimeout(timer);
  timer = window.setTimeout(ask, PAUSE_MS);
});
input?.addEventListener("compositionend", ask);
