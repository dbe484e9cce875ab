// The drawn parts of the pages. What the server sends is escaped there; what is written here is written as text.
const at = (path) => new URL(path, document.baseURI).href;
const RUN = /^[0-9A-HJKMNP-TV-Z]{26}$/;
let skew = 0;

const make = (tag, facts = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), facts);
  made.append(...inside);
  return made;
};

const named = () => {
  const id = new URL(location.href).searchParams.get("run") || "";
  return RUN.test(id) ? id : "";
};

const tab = (name) => document.getElementById(`tab-${name}-button`)?.click();

const goTo = (id) => {
  const address = new URL(location.href);
  id ? address.searchParams.set("run", id) : address.searchParams.delete("run");
  if (address.href !== location.href) history.pushState(null, "", address);
};

export function open(id) {
  if (!RUN.test(id)) return;
  goTo(id);
  tab("run");
  window.dispatchEvent(new CustomEvent("sf-open"));
}

function say(text) {
  let place = document.querySelector(".sf-said");
  if (!place) document.body.append((place = make("div", { className: "sf-said", role: "status" })));
  place.textContent = text;
  place.classList.add("sf-shown");
  clearTimeout(place.timer);
  place.timer = setTimeout(() => place.classList.remove("sf-shown"), 6000);
}

function ask(text, yes) {
  return new Promise((answer) => {
    const no = make("button", { className: "sf-button", textContent: "Keep it", value: "no" });
    const go = make("button", { className: "sf-button sf-danger", textContent: yes, value: "yes" });
    const form = make("form", { method: "dialog" }, make("p", { textContent: text }), make("div", { className: "sf-actions" }, no, go));
    const dialog = make("dialog", { className: "sf-dialog" }, form);
    dialog.addEventListener("close", () => { answer(dialog.returnValue === "yes"); dialog.remove(); });
    (document.querySelector(".gradio-container") || document.body).append(dialog);
    dialog.showModal();
  });
}

async function post(path) {
  const answer = await fetch(at(path), { method: "POST", headers: { "X-Spacefactory": "page" } });
  const said = await answer.json().catch(() => ({ error: "the page's server did not answer as it should" }));
  if (!answer.ok) throw new Error([said.error, said.next_step].filter(Boolean).join("; "));
  return said;
}

async function load(place, path) {
  try {
    const answer = await fetch(at(path));
    if (answer.ok) place.innerHTML = await answer.text();
    else {
      const said = await answer.json();
      place.replaceChildren(notice(said.error, said.next_step, answer.status === 401));
    }
    local(place);
    return answer.ok;
  } catch {
    place.replaceChildren(notice("the server of this page cannot be reached", "it is tried again when you come back", false));
    return false;
  }
}

function notice(title, next, signIn) {
  const made = make("div", { className: "sf-notice sf-warn", role: "status" }, make("strong", { textContent: title }), make("span", { textContent: next || "" }));
  if (signIn) made.append(make("a", { href: at("login/huggingface") + location.search, textContent: "Sign in" }));
  return made;
}

const local = (place) => place.querySelectorAll("time[data-local]").forEach((one) => {
  const when = new Date(one.dateTime);
  if (!isNaN(when)) one.textContent = when.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
});

function duration(seconds) {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
  const minutes = Math.floor(seconds / 60), two = (number) => String(number).padStart(2, "0");
  return minutes < 60 ? `${minutes} min ${two(Math.floor(seconds % 60))} s` : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

setInterval(() => document.querySelectorAll("[data-since]").forEach((one) => {
  const seconds = (Date.now() + skew - new Date(one.dataset.since)) / 1000;
  if (one.tagName === "PROGRESS") one.value = Math.min(seconds, one.max);
  else one.textContent = duration(seconds);
}), 1000);

class Run extends HTMLElement {
  connectedCallback() {
    if (!this.firstChild) this.build();
    this.hear = () => this.show();
    this.seen = () => document.hidden ? this.leave() : this.show();
    window.addEventListener("sf-open", this.hear);
    window.addEventListener("popstate", this.hear);
    document.addEventListener("visibilitychange", this.seen);
    this.show();
  }

  disconnectedCallback() {
    window.removeEventListener("sf-open", this.hear);
    window.removeEventListener("popstate", this.hear);
    document.removeEventListener("visibilitychange", this.seen);
    this.leave();
  }

  build() {
    this.parts = {};
    const part = (name, tag = "section") => (this.parts[name] = make(tag, { className: `sf-part sf-part-${name}` }));
    this.lines = make("ol", { className: "sf-log", tabIndex: 0 });
    const spoken = make("div", {}, this.lines); // a list with a role of its own would be no list
    spoken.setAttribute("role", "log");
    spoken.setAttribute("aria-label", "Log of the run");
    const more = make("details", { className: "sf-file" }, make("summary", { textContent: "Log of the Space" }), make("pre", { tabIndex: 0 }));
    more.addEventListener("toggle", () => more.open && this.spaceLog(more.querySelector("pre")));
    this.more = more;
    const log = make("section", { className: "sf-part" }, make("h3", { textContent: "Log" }), spoken, more);
    this.append(part("trouble", "div"), part("head"), make("div", { className: "sf-columns" }, part("steps"), log), part("outcome"), part("files"));
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-do]");
      if (button) this.act(button);
    });
  }

  show() {
    const id = named();
    if (id !== this.id || !this.source) this.follow(id);
  }

  follow(id) {
    this.leave();
    if (id !== this.id) {
      Object.values(this.parts).forEach((one) => one.replaceChildren());
      this.lines.replaceChildren();
      this.more.open = false;
    }
    this.id = id;
    this.classList.toggle("sf-none", !id);
    if (!id) return this.empty();
    if (!this.parts.head.firstChild) this.parts.head.append(make("p", { className: "sf-quiet", textContent: "Reading the record…" }));
    this.source = new EventSource(at(`sf/runs/${id}/stream`));
    this.source.addEventListener("clock", (event) => (skew = JSON.parse(event.data).now - Date.now()));
    this.source.addEventListener("part", (event) => this.put(JSON.parse(event.data)));
    this.source.addEventListener("log", (event) => this.log(JSON.parse(event.data)));
    this.source.addEventListener("end", () => { this.source?.close(); this.ended = true; });
    this.source.onerror = () => this.broken();
  }

  leave() {
    this.source?.close();
    this.source = null;
  }

  empty() {
    const box = make("div", { className: "sf-empty" }, make("strong", { textContent: "No run is open" }), make("p", { textContent: "Begin one on the Build tab, or open one of your runs." }));
    const go = make("button", { className: "sf-button", textContent: "Show my runs" });
    go.addEventListener("click", () => tab("runs"));
    box.append(go);
    this.parts.head.replaceChildren(box);
  }

  async broken() {
    if (this.source?.readyState !== EventSource.CLOSED || this.ended) {
      if (!this.ended) this.parts.trouble.replaceChildren(notice("the connection was lost", "it is tried again by itself", false));
      return;
    }
    const answer = await fetch(at(`sf/runs/${this.id}/report.json`)).catch(() => null);
    const missing = answer?.status === 404, signedOut = answer?.status === 401;
    const title = missing ? "There is no such run" : signedOut ? "This needs you to be signed in" : "The run cannot be read now";
    this.parts.head.replaceChildren();
    this.parts.trouble.replaceChildren(notice(title, missing ? "It was deleted, or it belongs to somebody else." : "", signedOut));
  }

  put({ name, html }) {
    const place = this.parts[name];
    if (!place) return;
    const open = new Set([...place.querySelectorAll("details[open][data-key]")].map((one) => one.dataset.key));
    const focused = place.contains(document.activeElement) ? document.activeElement.textContent : null;
    place.innerHTML = html;
    place.querySelectorAll("details[data-key]").forEach((one) => (one.open = open.has(one.dataset.key)));
    if (focused !== null) [...place.querySelectorAll("button, a, summary")].find((one) => one.textContent === focused)?.focus();
    local(place);
    if (name !== "trouble") this.parts.trouble.replaceChildren();
  }

  log({ html, reset }) {
    const low = this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < 40;
    if (reset) this.lines.innerHTML = html;
    else this.lines.insertAdjacentHTML("beforeend", html);
    while (this.lines.children.length > 800) this.lines.firstChild.remove();
    if (low || reset) this.lines.scrollTop = this.lines.scrollHeight;
  }

  async spaceLog(place) {
    place.textContent = "Reading…";
    const answer = await fetch(at(`sf/runs/${this.id}/log/run`)).catch(() => null);
    if (answer?.ok) place.textContent = await answer.text();
    else place.textContent = (await answer?.json().catch(() => null))?.error || "the log cannot be read now";
    place.scrollTop = place.scrollHeight;
  }

  async act(button) {
    const action = button.dataset.do;
    if (button.dataset.ask && !(await ask(button.dataset.ask, button.textContent))) return;
    button.disabled = true;
    try {
      const said = await post(`sf/runs/${this.id}/${action}`);
      say(said.message);
      if (said.run_id !== this.id) open(said.run_id);
      else if (action === "resume") this.ended = false, this.follow(this.id);
    } catch (error) {
      say(error.message);
      button.disabled = false;
    }
  }
}

const STATUSES = [["", "Every status"], ["running", "Working"], ["full_inference_success", "Proven"], ["candidate", "Candidate"], ["manual_hardware_required", "Waits for hardware"], ["technical_blocker", "Blocked"], ["failed", "Failed"], ["cancelled", "Stopped"], ["interrupted", "Interrupted"]];
const SORTS = [["", "Newest first"], ["oldest", "Oldest first"], ["reference", "By name"], ["status", "By status"]];

class Runs extends HTMLElement {
  connectedCallback() {
    if (!this.firstChild) this.build();
    this.page = 0;
    this.refresh();
  }

  build() {
    const choice = (label, options) => {
      const made = make("select", { ariaLabel: label }, ...options.map(([value, textContent]) => make("option", { value, textContent })));
      made.addEventListener("change", () => this.first());
      return made;
    };
    this.search = make("input", { type: "search", placeholder: "Search models, Spaces and ids", ariaLabel: "Search runs" });
    this.search.addEventListener("input", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.first(), 250); });
    this.status = choice("Status", STATUSES);
    this.sort = choice("Order", SORTS);
    this.compare = make("button", { className: "sf-button", textContent: "Compare two", disabled: true });
    this.remove_ = make("button", { className: "sf-button sf-danger", textContent: "Delete", disabled: true });
    this.compare.addEventListener("click", () => this.sideBySide());
    this.remove_.addEventListener("click", () => this.drop());
    this.list = make("div", { className: "sf-part" });
    this.two = make("div", { className: "sf-part" });
    this.append(make("div", { className: "sf-filters" }, this.search, this.status, this.sort, this.compare, this.remove_), this.list, this.two);
    this.addEventListener("change", () => this.chosen());
    this.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-run]"), pager = event.target.closest("button[data-page]");
      if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey) { event.preventDefault(); open(link.dataset.run); }
      if (pager) { this.page = Number(pager.dataset.page); this.refresh(); }
    });
  }

  first() { this.page = 0; this.refresh(); }

  async refresh() {
    const turn = (this.turn = (this.turn || 0) + 1);
    const query = new URLSearchParams({ q: this.search.value, status: this.status.value, sort: this.sort.value, page: this.page });
    const aside = make("div");
    this.list.setAttribute("aria-busy", "true");
    if (!this.list.firstChild) this.list.append(make("p", { className: "sf-quiet", textContent: "Reading your runs…" }));
    await load(aside, `sf/runs?${query}`);
    if (turn !== this.turn) return;
    if (aside.innerHTML !== this.list.innerHTML) this.list.replaceChildren(...aside.childNodes);  // a click may be under way
    this.list.removeAttribute("aria-busy");
    this.chosen();
  }

  get picked() { return [...this.list.querySelectorAll("input:checked")].map((one) => one.value); }

  chosen() {
    this.compare.disabled = this.picked.length !== 2;
    this.remove_.disabled = !this.picked.length;
  }

  async sideBySide() {
    const query = new URLSearchParams(this.picked.map((id) => ["run", id]));
    await load(this.two, `sf/compare?${query}`);
    this.two.scrollIntoView({ behavior: "smooth", block: "nearest" });
  }

  async drop() {
    const ids = this.picked, many = ids.length === 1 ? "the record of this run" : `the records of ${ids.length} runs`;
    if (!(await ask(`Delete ${many}? This cannot be undone. Spaces stay.`, "Delete"))) return;
    this.remove_.disabled = true;
    const failed = [];
    for (const id of ids) await post(`sf/runs/${id}/delete`).catch((error) => failed.push(error.message));
    say(failed[0] || (ids.length === 1 ? "The record was deleted; its Space stays." : `${ids.length} records were deleted.`));
    this.two.replaceChildren();
    this.refresh();
  }
}

customElements.define("sf-run", Run);
customElements.define("sf-runs", Runs);

document.addEventListener("click", (event) => {
  const chosen = event.target.closest?.("[role=tab]");
  if (!chosen || !event.isTrusted) return;
  if (chosen.id !== "tab-run-button") goTo("");
  if (chosen.id === "tab-runs-button") document.querySelector("sf-runs")?.refresh();
});
window.addEventListener("popstate", () => tab(named() ? "run" : "build"));
window.spacefactory = { open };
