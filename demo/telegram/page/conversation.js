/** The open chat: its messages in order, kept in place while they change. */
import { byId, el } from "./dom.js";
import { markLong, messageNode } from "./message.js";
import { dayTitle, sameDay, showTimes } from "./moments.js";

const TOGETHER = 10 * 60;
const SHOWN = 400;
const NEAR = 120;

/** Make the children of a node these, moving none that stay: a moved node starts its animation again. */
function place(parent, nodes) {
  const staying = new Set(nodes);
  for (const child of [...parent.children]) if (!staying.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
}

export class Conversation {
  constructor(context) {
    this.context = context;
    this.log = byId("log");
    this.scroller = byId("scroller");
    this.missed = 0;
    this.messages = new Map();
    this.drawn = new Map(); // message id → {sign, node}: what did not change is not drawn anew
    this.stuck = true; // to the end: pictures that load and quotes that unfold must not push it away
    this.log.onanimationend = (event) => event.target.closest(".message")?.classList.remove("fresh", "flash");
    this.scroller.onscroll = () => this.#scrolled();
    const keep = new ResizeObserver(() => { if (this.stuck) this.#jumpToEnd(); });
    keep.observe(this.log);
    keep.observe(this.scroller);
    byId("down").onclick = () => this.toEnd(true);
    setInterval(() => showTimes(this.log), 5000);
  }

  show(messages) {
    this.drawn.clear();
    this.messages = new Map(messages.slice(-SHOWN).map((view) => [view.message_id, view]));
    this.#draw();
    this.toEnd();
  }

  put(view, { isNew }) {
    const known = this.messages.has(view.message_id);
    if (!isNew && !known) return;
    byId(`m${view.message_id}`)?.classList.remove("flash");
    const follow = this.#nearEnd() || view.from.id === this.context.me;
    this.messages.set(view.message_id, view);
    if (this.messages.size > SHOWN) this.messages.delete(this.messages.keys().next().value);
    this.#draw();
    const node = byId(`m${view.message_id}`);
    node?.classList.add(known ? "flash" : "fresh");
    if (follow) this.toEnd(!known);
    else if (!known) this.#miss();
  }

  refresh(view) {
    if (!this.messages.has(view.message_id)) return;
    this.messages.set(view.message_id, view);
    this.#replace(view);
  }

  /** Draw one message anew because what surrounds it changed (a spinner came or went). */
  redraw(messageId) {
    const view = this.messages.get(messageId);
    if (view) this.#replace(view);
  }

  remove(messageId) {
    if (this.messages.delete(messageId)) this.#draw();
  }

  jump(messageId) {
    const node = byId(`m${messageId}`);
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.remove("flash");
    void node.offsetWidth; // restart the animation
    node.classList.add("flash");
  }

  toEnd(smooth = false) {
    this.missed = 0;
    this.stuck = true;
    if (smooth) this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: "smooth" });
    else this.#jumpToEnd();
    this.#scrolled();
  }

  #jumpToEnd() {
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: "instant" });
  }

  #draw() {
    const views = [...this.messages.values()];
    const top = this.scroller.scrollTop;
    const nodes = [];
    views.forEach((view, index) => {
      const before = views[index - 1];
      if (!before || !sameDay(before.date, view.date)) nodes.push(this.#day(view));
      nodes.push(this.#node(view, before, views[index + 1]));
    });
    if (!views.length) nodes.push(el("div", { className: "empty", textContent: "No messages here yet. Say /start" }));
    place(this.log, nodes);
    for (const [id, { node }] of this.drawn) if (!node.isConnected) this.drawn.delete(id);
    markLong(this.log);
    this.scroller.scrollTop = top;
  }

  #day(view) {
    const title = dayTitle(view.date);
    const known = this.drawn.get(title);
    if (known) return known.node;
    const node = el("div", { className: "day", textContent: title });
    this.drawn.set(title, { sign: title, node });
    return node;
  }

  #replace(view) {
    const views = [...this.messages.values()];
    const index = views.findIndex((each) => each.message_id === view.message_id);
    const known = this.drawn.get(view.message_id);
    if (known) known.sign = ""; // drawn anew even when the message itself is the same
    const node = this.#node(view, views[index - 1], views[index + 1]);
    byId(`m${view.message_id}`)?.replaceWith(node);
    markLong(node);
  }

  #node(view, before, after) {
    const joins = (a, b) => a && b && !a.service && !b.service && a.from.id === b.from.id && b.date - a.date < TOGETHER && sameDay(a.date, b.date);
    const grouping = { first: !joins(before, view), last: !joins(view, after) };
    const sign = JSON.stringify([view, grouping, this.context.me]);
    const known = this.drawn.get(view.message_id);
    if (known?.sign === sign) return known.node;
    const node = messageNode(view, { ...this.context, ...grouping });
    if (known?.node.querySelector("blockquote.unfolded")) node.querySelector("blockquote")?.classList.add("unfolded");
    this.drawn.set(view.message_id, { sign, node });
    return node;
  }

  #nearEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR;
  }

  #miss() {
    this.missed += 1;
    this.#scrolled();
  }

  #scrolled() {
    const near = this.#nearEnd();
    const up = this.scroller.scrollTop < (this.lastTop ?? 0);
    this.lastTop = this.scroller.scrollTop;
    if (near) this.stuck = true;
    else if (up) this.stuck = false;
    if (near) this.missed = 0;
    byId("down").hidden = near;
    byId("down-count").hidden = !this.missed;
    byId("down-count").textContent = this.missed;
  }
}
