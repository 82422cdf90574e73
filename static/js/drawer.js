// Preview beside the list: [data-drawer] links open in the drawer, J and K step while it is open.

const drawer = document.getElementById("drawer");
let opener = null;

function mark(link) {
  for (const row of document.querySelectorAll("tr.is-open")) row.classList.remove("is-open");
  const row = link?.closest("tr");
  if (!row) return;
  row.classList.add("is-open");
  row.scrollIntoView({ block: "nearest" });
}

function open(link) {
  if (!drawer.contains(link)) opener = link;
  const address = link.dataset.drawerUrl || link.href;
  const inList = [...document.querySelectorAll("main [data-drawer]")].find((each) => each.href === link.href);
  mark(inList || opener);
  if (!drawer.open) drawer.show();
  window.htmx.ajax("GET", address, { target: "#drawer-body", swap: "innerHTML" });
}

function close() {
  drawer.close();
  mark(null);
  opener?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-drawer]");
  if (link && window.htmx && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open(link);
  }
  if (event.target.closest?.("[data-drawer-close]")) close();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drawer.open && !document.querySelector("dialog:modal")) close();
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id !== "drawer-body") return;
  drawer.scrollTop = 0;
  target.querySelector("[data-drawer-close]")?.focus();
});
