/** "You are: Ann ▾": acting as another person. */
import { avatar, byId, el, icon } from "./dom.js";

export class People {
  constructor(onSwitch) {
    this.onSwitch = onSwitch;
    this.list = byId("people");
    byId("me").onclick = () => this.#toggle(this.list.hidden);
    document.addEventListener("click", (event) => {
      if (!event.target.closest("#me, #people")) this.#toggle(false);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#toggle(false);
    });
  }

  draw(people, me) {
    const current = people.find((person) => person.id === me);
    byId("me").replaceChildren(avatar(me, current.name, "small"), label(`You are: ${current.name}`, current.role), icon("down", "chevron"));
    this.list.replaceChildren(...people.map((person) =>
      el("button", { role: "option", ariaSelected: String(person.id === me), onclick: () => this.#pick(person.id) },
        avatar(person.id, person.name, "small"), label(person.name, person.role))));
  }

  #pick(id) {
    this.#toggle(false);
    this.onSwitch(id);
  }

  #toggle(open) {
    this.list.hidden = !open;
    byId("me").ariaExpanded = String(open);
  }
}

const label = (name, role) => el("span", {}, el("b", { textContent: name }), el("small", { textContent: role }));
