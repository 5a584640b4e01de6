/** "Break something": the switches of the demo shop. Hidden when the shop has none. */
import { byId, el } from "./dom.js";
import { get, post } from "./api.js";

const EVERY = 2000;

export class Panel {
  constructor(onError) {
    this.onError = onError;
    this.busy = new Set();
    byId("open-panel").onclick = () => byId("app").classList.add("panel-open");
    for (const id of ["close-panel", "shade"]) byId(id).onclick = () => byId("app").classList.remove("panel-open");
  }

  async start() {
    const shown = await this.#read();
    if (shown === "absent") return;
    byId("panel").hidden = false;
    byId("open-panel").hidden = false;
    byId("app").classList.add("with-panel");
    setInterval(() => this.#read(), EVERY);
  }

  async #read() {
    if (this.busy.size) return "busy";
    try {
      this.#draw(await get("/panel/switches"));
    } catch (error) {
      if (error.status === 404) return "absent";
      byId("panel-error").textContent = "The demo shop does not answer.";
      byId("panel-error").hidden = false;
    }
    return "read";
  }

  #draw(switches) {
    byId("panel-error").hidden = true;
    const broken = switches.filter((each) => each.on).length;
    byId("broken-count").hidden = !broken;
    byId("broken-count").textContent = broken;
    const drawn = JSON.stringify([switches, [...this.busy]]);
    if (drawn === this.drawn) return; // keeps the focus where it is
    this.drawn = drawn;
    this.switches = switches;
    const focused = document.activeElement?.dataset?.id;
    byId("switches").replaceChildren(...switches.map((each) => el("li", {}, this.#switch(each))));
    if (focused) document.querySelector(`.switch[data-id="${CSS.escape(focused)}"]`)?.focus();
  }

  #switch(each) {
    const node = el("button", {
      className: "switch", role: "switch", ariaChecked: String(each.on), ariaBusy: String(this.busy.has(each.id)),
      onclick: () => this.#toggle(each),
    }, el("b", { textContent: each.label }), el("span", { className: "knob" }), el("small", { textContent: each.explains }));
    node.dataset.id = each.id;
    if (each.mend_by) node.append(el("span", { className: "mend", textContent: each.mend_by }));
    return node;
  }

  async #toggle(each) {
    if (this.busy.has(each.id)) return;
    this.busy.add(each.id);
    this.#draw(this.switches.map((other) => (other.id === each.id ? { ...other, on: !each.on } : other)));
    try {
      await post(`/panel/switches/${encodeURIComponent(each.id)}`, { on: !each.on });
    } catch (error) {
      this.onError(error.message);
    } finally {
      this.busy.delete(each.id);
      await this.#read();
    }
  }
}
