// Short messages: event "toast" with {tone, text}; also [data-dismiss] and [data-copy].

const ICONS = { success: "circle-check", warning: "alert-triangle", danger: "alert-octagon", info: "info-circle" };
const SHOWN_MS = 6000;
const SVG = "http://www.w3.org/2000/svg";

function drawing(name) {
  const known = document.querySelector("svg.icon use")?.getAttribute("href") || "";
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${known.split("#")[0]}#${name}`);
  svg.append(use);
  return svg;
}

function show({ tone = "info", text = "" }) {
  const box = document.createElement("div");
  box.className = `notice notice-${tone}`;
  const body = document.createElement("div");
  body.className = "notice-body";
  body.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "icon-button";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", document.getElementById("texts").dataset.dismissLabel);
  close.append(drawing("x"));
  box.append(drawing(ICONS[tone] || ICONS.info), body, close);
  document.getElementById("toasts").append(box);
  if (tone !== "danger") window.setTimeout(() => box.remove(), SHOWN_MS);
}

document.addEventListener("toast", ({ detail }) => show(detail));

document.addEventListener("click", async ({ target }) => {
  target.closest?.("[data-dismiss]")?.closest(".notice")?.remove();
  const copied = target.closest?.("[data-copy]");
  if (copied && navigator.clipboard) {
    await navigator.clipboard.writeText(copied.dataset.copy);
    show({ tone: "success", text: document.getElementById("texts").dataset.copied });
  }
});
