/** Small helpers over the DOM. */
export const byId = (id) => document.getElementById(id);

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name, className = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/page/icons.svg#${name}`);
  svg.append(use);
  if (className) svg.setAttribute("class", className);
  return svg;
}

export const tone = (id) => `t${Math.abs(Number(id)) % 7}`;

export function avatar(id, name, size = "") {
  const letters = name.split(/\s+/).slice(0, 2).map((word) => word[0] ?? "").join("");
  return el("span", { className: `avatar ${size} ${tone(id)}`, textContent: letters, ariaHidden: "true" });
}
