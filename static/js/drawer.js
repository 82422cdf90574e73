// Preview beside the list: [data-drawer] links open in the drawer, J and K step while it is open, inside the filter
// and across the borders of pages. The open row stands in the address, which can be sent.

const drawer = document.getElementById("drawer");
let opener = null;

/** The address of a row's preview with the list it stands in. */
function placed(link) {
  const table = link.closest("[data-list]");
  const key = link.closest("tr")?.dataset.key;
  const address = new URL(link.dataset.drawerUrl || link.href, window.location.href);
  if (!table || !key) return address.href;
  const query = new URLSearchParams(window.location.search);
  query.delete("cursor");
  query.delete("row");
  query.set("list", table.dataset.list);
  query.set("at", key);
  for (const [name, value] of address.searchParams) query.append(name, value);
  address.search = query.toString();
  return address.href;
}

function remember(key) {
  const here = new URL(window.location.href);
  if (key) here.searchParams.set("row", key);
  else here.searchParams.delete("row");
  window.history.replaceState(window.history.state, "", here);
}

function mark(row) {
  for (const each of document.querySelectorAll("tr.is-open")) each.classList.remove("is-open");
  if (!row) return;
  row.classList.add("is-open");
  row.scrollIntoView({ block: "nearest" });
}

function open(link) {
  if (!drawer.contains(link)) opener = link;
  const address = placed(link);
  const key = new URL(address).searchParams.get("at");
  mark(key ? document.querySelector(`main .grid tr[data-key="${window.CSS.escape(key)}"]`) : link.closest("tr"));
  if (key && document.querySelector("main [data-list]")) remember(key);
  if (!drawer.open) drawer.show();
  window.htmx.ajax("GET", address, { source: "#drawer-body", target: "#drawer-body", swap: "innerHTML" });
}

/** The focus goes to the row looked at last, so that J and Enter go on from there. */
function close() {
  const last = document.querySelector("main tr.is-open [data-drawer]") || opener;
  drawer.close();
  mark(null);
  remember("");
  last?.focus();
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
  if (event.isComposing || event.key !== "Escape") return;
  if (drawer.open && !document.querySelector("dialog:modal")) close();
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id !== "drawer-body") return;
  drawer.scrollTop = 0;
  target.querySelector("[data-drawer-close]")?.focus();
});

// an address that names an open row, as a colleague sent it
const sent = document.querySelector("[data-open-row]");
if (sent) window.addEventListener("load", () => open(sent));
