// The grid of refused rows ([data-grid]): keys move as in Excel, columns are pasted downwards, only what changed is sent.

const grid = document.querySelector("[data-grid]");
const cellsOf = (row) => [...row.cells].map((cell) => cell.querySelector("textarea"));
const changed = (area) => area.value !== area.defaultValue;
const areas = () => [...grid.querySelectorAll("tbody textarea")];
let last = null;

function say(text) {
  grid.querySelector("[data-grid-said]").textContent = text;
}

function count(text, number) {
  return text.replace("{n}", number);
}

function put(area, text) {
  area.value = text;
  area.classList.toggle("is-changed", changed(area));
}

function tell() {
  const number = areas().filter(changed).length;
  say(number ? count(grid.dataset.changed, number) : "");
}

function at(area) {
  const row = area.closest("tr");
  const rows = [...row.parentElement.rows];
  return { rows, y: rows.indexOf(row), x: cellsOf(row).indexOf(area) };
}

/** The cell so far away, or nothing at the border; cells that are text are passed over. */
function neighbour(area, down, right) {
  const { rows, y, x } = at(area);
  for (let step = 1; ; step += 1) {
    const row = rows[y + down * step];
    const place = x + right * step;
    if (!row || place < 0 || place >= row.cells.length) return null;
    const found = cellsOf(row)[place];
    if (found) return found;
  }
}

function go(area) {
  if (!area) return;
  area.focus();
  area.select();
}

function atEdge(area, end) {
  const whole = area.selectionStart === 0 && area.selectionEnd === area.value.length;
  const caret = end ? area.value.length : 0;
  return whole || (area.selectionStart === caret && area.selectionEnd === caret);
}

const MOVES = {
  ArrowUp: [-1, 0, (area) => !area.value.includes("\n") || atEdge(area, false)],
  ArrowDown: [1, 0, (area) => !area.value.includes("\n") || atEdge(area, true)],
  ArrowLeft: [0, -1, (area) => atEdge(area, false)],
  ArrowRight: [0, 1, (area) => atEdge(area, true)],
};

function onKey(event) {
  const area = event.target.closest("tbody textarea");
  if (!area || event.isComposing || event.keyCode === 229) return;
  const isControl = event.ctrlKey || event.metaKey;
  if (event.key === "Escape") put(area, area.defaultValue);
  else if (event.key === "Enter" && !isControl && !event.altKey) go(neighbour(area, event.shiftKey ? -1 : 1, 0));
  else if (event.key === "Enter" && event.altKey) area.setRangeText("\n", area.selectionStart, area.selectionEnd, "end");
  else if (isControl && event.key.toLowerCase() === "d") {
    const above = neighbour(area, -1, 0);
    if (above) put(area, above.value);
  } else {
    const move = MOVES[event.key];
    if (!move || isControl || event.shiftKey || event.altKey || !move[2](area)) return;
    const next = neighbour(area, move[0], move[1]);
    if (!next) return;
    go(next);
  }
  event.preventDefault();
  event.stopPropagation();
  tell();
}

/** Rows of cells as Excel copies them: tabs and lines, texts with either in quotation marks. */
function table(text) {
  const rows = [[""]];
  let quoted = false;
  const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let i = 0; i < clean.length; i += 1) {
    const row = rows[rows.length - 1];
    const char = clean[i];
    if (quoted && char === '"' && clean[i + 1] === '"') {
      row[row.length - 1] += '"';
      i += 1;
    } else if (quoted && char === '"') quoted = false;
    else if (!quoted && char === '"' && row[row.length - 1] === "" && /"(?=[\t\n]|$)/.test(clean.slice(i + 1))) quoted = true;
    else if (!quoted && char === "\t") row.push("");
    else if (!quoted && char === "\n") rows.push([""]);
    else row[row.length - 1] += char;
  }
  return rows;
}

function onPaste(event) {
  const area = event.target.closest("tbody textarea");
  const text = event.clipboardData.getData("text/plain");
  if (!area || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
  event.preventDefault();
  const { rows, y, x } = at(area);
  let filled = 0;
  let over = 0;
  table(text).forEach((values, down) =>
    values.forEach((value, right) => {
      const target = rows[y + down] && cellsOf(rows[y + down])[x + right];
      if (target) put(target, value);
      if (target) filled += 1;
      else over += 1;
    }),
  );
  say(count(grid.dataset.filled, filled) + (over ? ` · ${count(grid.dataset.over, over)}` : ""));
}

/** The value of the cell last stood in goes into every wrong cell below it. */
function fillDown() {
  if (!last) return;
  const { rows, y, x } = at(last);
  const below = rows.slice(y + 1).map((row) => cellsOf(row)[x]).filter((area) => area?.ariaInvalid === "true");
  below.forEach((area) => put(area, last.value));
  say(count(grid.dataset.filled, below.length));
  last.focus();
}

/** What is proposed for a cell goes in; it is checked with the rest. */
function take(button) {
  const area = grid.querySelector(`textarea[name="${button.dataset.gridTake}"]`);
  put(area, button.value);
  tell();
  go(area);
}

if (grid) {
  const fill = grid.querySelector("[data-grid-fill]");
  fill.hidden = false;
  fill.addEventListener("click", fillDown);
  grid.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-grid-take]");
    if (button) take(button);
  });
  grid.addEventListener("keydown", onKey);
  grid.addEventListener("paste", onPaste);
  grid.addEventListener("input", ({ target }) => {
    if (target.matches("tbody textarea")) put(target, target.value);
    tell();
  });
  grid.addEventListener("focusin", ({ target }) => {
    if (target.matches("tbody textarea")) last = target;
  });
  grid.addEventListener("formdata", ({ formData }) => {
    for (const area of areas()) if (!changed(area)) formData.delete(area.name);
  });
  let isSent = false;
  grid.addEventListener("submit", () => {
    isSent = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!isSent && areas().some(changed)) event.preventDefault();
  });
  window.addEventListener("pageshow", () => {
    isSent = false;
    // after a check the next thing to do is the first cell that is still wrong
    if (window.location.hash === "#grid") grid.querySelector("[aria-invalid]")?.focus();
  });
}
