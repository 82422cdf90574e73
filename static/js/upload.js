// Drop-zones: drag and drop, name and size of the file, progress of the upload.

const texts = () => document.getElementById("texts").dataset;

function size(bytes) {
  const megabytes = bytes / 1048576;
  return megabytes >= 1 ? `${megabytes.toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`;
}

function name(zone) {
  const { files } = zone.querySelector('input[type="file"]');
  zone.querySelector("[data-upload-file]").textContent = [...files]
    .map((file) => `${file.name} · ${size(file.size)}`)
    .join("；");
}

function show(page, address) {
  const incoming = new DOMParser().parseFromString(page, "text/html").getElementById("main");
  const main = document.getElementById("main");
  if (!incoming) {
    window.location.assign(address);
    return;
  }
  main.replaceWith(document.adoptNode(incoming));
  window.htmx?.process(incoming);
  window.htmx?.trigger(incoming, "htmx:load");
  incoming.querySelector('[role="alert"], .field-error')?.scrollIntoView({ block: "center" });
}

function send(form, submitter, zone) {
  const request = new XMLHttpRequest();
  const bar = zone.querySelector("progress");
  const line = zone.querySelector("[data-upload-file]");
  const data = new FormData(form, submitter);
  bar.hidden = false;
  if (submitter) submitter.disabled = true;
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    const percent = Math.round((loaded / total) * 100);
    bar.value = percent;
    line.textContent = percent < 100 ? texts().uploading.replace("{percent}", `${percent}%`) : texts().uploaded;
  });
  request.addEventListener("load", () => {
    // 204: the answer was a redirect, which the browser opens itself (portal.middleware.upload_redirects)
    if (request.status === 204) window.location.assign(request.responseURL);
    else show(request.responseText, form.action);
  });
  request.addEventListener("error", () => {
    bar.hidden = true;
    if (submitter) submitter.disabled = false;
    name(zone);
    document.dispatchEvent(new CustomEvent("toast", { detail: { tone: "danger", text: texts().offline } }));
  });
  request.open("POST", form.action);
  request.setRequestHeader("X-Upload", "1");
  request.setRequestHeader("X-CSRFToken", document.querySelector('meta[name="csrf-token"]').content);
  request.send(data);
}

document.addEventListener("submit", (event) => {
  const zone = event.target.querySelector?.("[data-upload]");
  if (!zone || event.defaultPrevented || !zone.querySelector('input[type="file"]').files.length) return;
  event.preventDefault();
  send(event.target, event.submitter, zone);
});

document.addEventListener("change", ({ target }) => {
  const zone = target.closest("[data-upload]");
  if (zone) name(zone);
});

for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest?.("[data-upload]");
    if (!zone) return;
    event.preventDefault();
    zone.classList.add("is-over");
  });
}

document.addEventListener("dragleave", ({ target, relatedTarget }) => {
  const zone = target.closest?.("[data-upload]");
  if (zone && !zone.contains(relatedTarget)) zone.classList.remove("is-over");
});

document.addEventListener("drop", (event) => {
  const zone = event.target.closest?.("[data-upload]");
  if (!zone) return;
  event.preventDefault();
  zone.classList.remove("is-over");
  const input = zone.querySelector('input[type="file"]');
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
