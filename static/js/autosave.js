// Forms with [data-autosave] save as one types; nothing typed is ever dropped (docs/interface.md, section 5).

const PAUSE_MS = 600;
const RETRY_MS = [2000, 4000, 8000, 16000, 30000];
const texts = () => document.getElementById("texts").dataset;
const clock = () => new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });

class Autosave {
  constructor(form) {
    this.form = form;
    this.dirty = false;
    this.busy = false;
    this.again = false;
    this.paused = false;
    this.failures = 0;
    this.saving = Promise.resolve();
    form.addEventListener("input", (event) => !event.isComposing && this.touch(PAUSE_MS));
    form.addEventListener("compositionstart", () => window.clearTimeout(this.timer));
    form.addEventListener("compositionend", () => this.touch(PAUSE_MS));
    form.addEventListener("change", () => this.touch(50));
    form.addEventListener("submit", () => this.stop());
    document.addEventListener("submit", (event) => this.saveFirst(event), true);
    document.addEventListener("visibilitychange", () => document.hidden && this.dirty && this.save());
    window.addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
  }

  stop() {
    window.clearTimeout(this.timer);
    this.dirty = false;
    this.paused = true;
  }

  // Any form of the page leaves it: a save under way ends before (it moves the version), and what was typed a
  // moment ago is saved before another form goes; the own form carries it along.
  async saveFirst(event) {
    const { target, submitter } = event;
    const isOwn = target === this.form;
    if (this.paused || !(this.busy || (this.dirty && !isOwn))) return;
    event.preventDefault();
    event.stopPropagation();
    window.clearTimeout(this.timer);
    await this.saving;
    if (this.dirty && !isOwn) await this.save();
    if (isOwn || !this.dirty) target.requestSubmit(submitter);
  }

  // what stands there as saved is no longer all there is
  touch(pause) {
    if (!this.paused) this.say("dirty", "");
    this.schedule(pause);
  }

  schedule(pause) {
    this.dirty = true;
    window.clearTimeout(this.timer);
    if (!this.paused) this.timer = window.setTimeout(() => this.save(), pause);
  }

  say(state, text) {
    for (const mark of document.querySelectorAll("[data-save-state]")) {
      mark.dataset.state = state;
      mark.textContent = text;
    }
  }

  body() {
    const data = new FormData(this.form);
    for (const [name, value] of [...data]) {
      if (value instanceof File) data.delete(name);
    }
    return data;
  }

  save() {
    if (this.busy) this.again = true;
    else if (!this.paused) this.saving = this.write();
    return this.saving;
  }

  async write() {
    this.busy = true;
    this.dirty = false;
    this.say("saving", texts().saving);
    try {
      const answer = await fetch(this.form.dataset.autosave, {
        method: "POST",
        body: this.body(),
        keepalive: document.hidden,
        headers: {
          "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
          "X-Autosave": "1",
          Accept: "application/json, text/html",
        },
      });
      await this.take(answer);
    } catch (problem) {
      if (!(problem instanceof TypeError)) throw problem;
      this.retry();
    } finally {
      this.busy = false;
    }
    if (this.again) {
      this.again = false;
      await this.save();
    }
  }

  retry() {
    this.dirty = true;
    this.say("failed", texts().unsaved);
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.schedule(wait);
  }

  async take(answer) {
    if (answer.redirected) return this.refuse("failed", texts().signedOut);
    if (answer.status >= 500) return this.retry();
    this.failures = 0;
    this.adoptVersion(answer);
    if (answer.status === 409) return this.conflict(await answer.text());
    if (answer.status === 422) return this.mark(await answer.json());
    if (!answer.ok) return this.refuse("failed", answer.status === 403 ? texts().forbidden : texts().failed);
    this.clear();
    // what was typed while this was under way is not saved yet
    if (!this.dirty) this.say("saved", texts().saved.replace("{time}", clock()));
    await this.show(answer);
    return this.trigger(answer);
  }

  refuse(state, text) {
    this.dirty = true;
    this.say(state, text);
    document.dispatchEvent(new CustomEvent("toast", { detail: { tone: "danger", text } }));
  }

  adoptVersion(answer) {
    const version = answer.headers.get("X-Version");
    if (!version) return;
    const own = this.form.elements.namedItem("version");
    for (const field of [own, ...document.querySelectorAll("input[data-version]")]) {
      if (field) field.value = version;
    }
  }

  async show(answer) {
    const target = document.getElementById(this.form.dataset.autosaveTarget || "");
    if (!target || !(answer.headers.get("Content-Type") || "").startsWith("text/html")) return;
    const html = await answer.text();
    const active = target.contains(document.activeElement) ? document.activeElement : null;
    if (this.dirty && active) return;
    target.innerHTML = html;
    window.htmx?.process(target);
    window.htmx?.trigger(target, "htmx:load");
    if (active?.id) document.getElementById(active.id)?.focus();
  }

  trigger(answer) {
    const header = answer.headers.get("HX-Trigger");
    if (!header) return;
    const events = header.startsWith("{") ? JSON.parse(header) : { [header]: {} };
    for (const [name, detail] of Object.entries(events)) {
      this.form.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
    }
  }

  clear() {
    for (const field of this.form.querySelectorAll("[data-field].has-error")) {
      field.classList.remove("has-error");
      field.querySelector(".field-errors")?.replaceChildren();
      for (const input of field.querySelectorAll("[aria-invalid]")) {
        input.removeAttribute("aria-invalid");
        input.classList.remove("is-invalid");
      }
    }
  }

  mark({ errors = {}, saved = false, html = "" }) {
    this.clear();
    const target = document.getElementById(this.form.dataset.autosaveTarget || "");
    if (html && target) target.innerHTML = html;
    for (const [name, messages] of Object.entries(errors)) {
      const field = this.form.querySelector(`[data-field="${CSS.escape(name)}"]`);
      if (!field) continue;
      field.classList.add("has-error");
      field.querySelector("input, select, textarea")?.setAttribute("aria-invalid", "true");
      const lines = messages.map((message) => {
        const line = document.createElement("p");
        line.className = "field-error";
        line.textContent = message;
        return line;
      });
      field.querySelector(".field-errors")?.replaceChildren(...lines);
    }
    this.dirty ||= !saved;
    this.say("refused", saved ? texts().refused : texts().unsaved.replace(/[,，].*$/, ""));
  }

  conflict(html) {
    this.paused = true;
    this.dirty = true;
    this.say("conflict", texts().conflict);
    let slot = this.form.previousElementSibling;
    if (!slot?.matches("[data-conflict-slot]")) {
      slot = document.createElement("div");
      slot.dataset.conflictSlot = "";
      this.form.before(slot);
    }
    slot.innerHTML = html;
    window.htmx?.process(slot);
    slot.scrollIntoView({ block: "nearest" });
  }
}

const known = new WeakSet();

function enhance(root) {
  const forms = root.matches?.("form[data-autosave]") ? [root] : root.querySelectorAll("form[data-autosave]");
  for (const form of forms) {
    if (known.has(form)) continue;
    known.add(form);
    new Autosave(form);
  }
}

enhance(document);
document.addEventListener("htmx:load", ({ target }) => enhance(target));
