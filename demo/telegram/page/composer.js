/** The text input, its command menu and the reply above it. */
import { byId, el } from "./dom.js";

export class Composer {
  constructor(onSend) {
    this.onSend = onSend;
    this.commands = [];
    this.chosen = 0;
    this.reply = null;
    this.text = byId("text");
    this.list = byId("commands");
    this.text.oninput = () => this.#changed();
    this.text.onkeydown = (event) => this.#key(event);
    byId("composer").onsubmit = (event) => {
      event.preventDefault();
      this.#send(this.text.value);
    };
    byId("menu").onclick = () => {
      if (this.list.hidden) this.#offer(this.commands);
      else this.#close();
    };
    byId("reply-off").onclick = () => this.replyTo(null);
    document.addEventListener("click", (event) => {
      if (!event.target.closest("#composer")) this.#close();
    });
  }

  setCommands(commands) {
    this.commands = commands;
    byId("menu").hidden = !commands.length;
    this.#changed();
  }

  replyTo(view) {
    this.reply = view;
    byId("replying").hidden = !view;
    if (!view) return;
    byId("reply-name").textContent = view.from.name;
    byId("reply-text").textContent = view.text || "Photo or file";
    this.text.focus();
  }

  clear() {
    this.text.value = "";
    this.replyTo(null);
    this.#changed();
  }

  #changed() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.max(44, this.text.scrollHeight)}px`;
    const typed = this.text.value;
    if (/^\/\w*$/.test(typed)) this.#offer(this.commands.filter(({ command }) => `/${command}`.startsWith(typed)));
    else this.#close();
  }

  #offer(commands) {
    this.offered = commands;
    this.chosen = 0;
    this.list.hidden = !commands.length;
    this.list.replaceChildren(...commands.map(({ command, description }, index) =>
      el("button", { type: "button", role: "option", ariaSelected: String(index === 0), onclick: () => this.#send(`/${command}`) },
        el("b", { textContent: `/${command}` }), el("span", { textContent: description }))));
  }

  #close() {
    this.list.hidden = true;
  }

  #key(event) {
    const open = !this.list.hidden;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#send(open ? `/${this.offered[this.chosen].command}` : this.text.value);
    } else if (event.key === "Tab" && open) {
      event.preventDefault();
      this.text.value = `/${this.offered[this.chosen].command} `;
      this.#changed();
    } else if (event.key === "Escape") {
      this.#close();
      this.replyTo(null);
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.#choose(event.key === "ArrowDown" ? 1 : -1);
    }
  }

  #choose(step) {
    const options = [...this.list.children];
    this.chosen = (this.chosen + step + options.length) % options.length;
    options.forEach((option, index) => { option.ariaSelected = String(index === this.chosen); });
    options[this.chosen].scrollIntoView({ block: "nearest" });
  }

  #send(text) {
    if (!text.trim()) return;
    const reply = this.reply?.message_id ?? 0;
    this.clear();
    this.onSend(text.trim(), reply);
  }
}
