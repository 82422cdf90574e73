// A filter that opens from the head of its column stands under its icon and takes the keyboard.

const GAP = 4;
const EDGE = 8;

document.addEventListener(
  "toggle",
  ({ target, newState }) => {
    if (newState !== "open" || !target.matches?.("[popover]")) return;
    const icon = document.querySelector(`[popovertarget="${target.id}"]`);
    if (icon) {
      const box = icon.getBoundingClientRect();
      const left = Math.min(box.left, window.innerWidth - target.offsetWidth - EDGE);
      target.style.setProperty("--filter-left", `${Math.max(EDGE, left)}px`);
      target.style.setProperty("--filter-top", `${box.bottom + GAP}px`);
    }
    (target.querySelector(".ts-control input") || target.querySelector("input, select"))?.focus();
  },
  true,
);
