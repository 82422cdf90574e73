// Filter forms search while one types, but never in the middle of a composition.

const PAUSE_MS = 400;
const SEARCH = "form[data-filter] [data-search]";
// filters in words wait for Enter: half a word is not yet a filter
const hasWords = (input) => /[:：]/.test(input.value);
const timers = new WeakMap();

function later(input) {
  window.clearTimeout(timers.get(input));
  timers.set(
    input,
    window.setTimeout(() => input.form.requestSubmit(), PAUSE_MS),
  );
}

document.addEventListener("input", (event) => {
  if (event.target.matches(SEARCH) && !event.isComposing && !hasWords(event.target)) later(event.target);
});

// Leaving the search box is no new search: the list, and what is selected in it, stays.
document.addEventListener(
  "change",
  (event) => event.target.matches("form[data-filter] [data-search]") && event.stopPropagation(),
  true,
);

document.addEventListener("compositionend", ({ target }) => {
  if (target.matches(SEARCH) && !hasWords(target)) later(target);
});
