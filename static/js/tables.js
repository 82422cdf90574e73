// A table that fits its frame keeps its head at the window's edge; a wider one scrolls inside the frame.

function fit(frame) {
  const table = frame.querySelector("table");
  if (!table) return;
  const fits = table.offsetWidth <= frame.clientWidth + 1;
  frame.classList.toggle("fits", fits);
  if (fits) frame.removeAttribute("tabindex");
  else frame.tabIndex = 0;
}

const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => fit(target)));

function enhance(root) {
  for (const frame of root.querySelectorAll(".table-frame")) {
    fit(frame);
    observer.observe(frame);
  }
}

enhance(document);
document.addEventListener("htmx:load", ({ target }) => enhance(target));
