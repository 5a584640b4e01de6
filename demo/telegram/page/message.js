/** One message as a bubble. `context` has me, isGroup, names and what taps and clicks do. */
import { avatar, el, icon, tone } from "./dom.js";
import { clock, fileSize, showTimes } from "./moments.js";

export function messageNode(view, context) {
  if (view.service) {
    return el("div", { className: "service", id: `m${view.message_id}`, textContent: view.service });
  }
  const own = view.from.id === context.me;
  const classes = ["message", own && "own", context.first && "first", context.last && "last", view.buttons.length && "keyed"];
  const node = el("div", { className: classes.filter(Boolean).join(" "), id: `m${view.message_id}` });
  if (context.isGroup && !own) {
    node.append(context.last ? avatar(view.from.id, view.from.name, "tiny") : el("span", { className: "gap" }));
  }
  const stack = el("div", { className: "stack" }, bubble(view, own, context));
  if (view.buttons.length) stack.append(keyboard(view, context));
  const reply = el("button", { className: "answer-it", title: "Reply", ariaLabel: "Reply", onclick: () => context.onReply(view) }, icon("reply"));
  node.append(stack, reply);
  return node;
}

function bubble(view, own, context) {
  const box = el("div", { className: "bubble", ondblclick: () => context.onReply(view) });
  if (context.isGroup && !own && context.first) {
    const tag = view.from.is_bot ? el("span", { className: "tag", textContent: "bot" }) : null;
    box.append(el("div", { className: `name ${tone(view.from.id)}`, textContent: view.from.name }, tag));
  }
  if (view.forwarded) box.append(el("div", { className: "forwarded", textContent: "Forwarded message" }));
  if (view.reply_to) box.append(quote(view.reply_to, context));
  if (view.photo) box.append(photo(view, context));
  if (view.document) box.append(documentLink(view.document));
  if (view.text) box.append(body(view, context));
  box.append(meta(view));
  if (view.reactions.length) {
    const marks = view.reactions.map((emoji) => el("span", { textContent: emoji }));
    box.append(el("div", { className: "reactions" }, ...marks));
  }
  return box;
}

function quote(reply, context) {
  return el("button", { className: "reply", onclick: () => context.onJump(reply.message_id) },
    el("b", { textContent: reply.name }), el("span", { textContent: reply.text }));
}

function photo(view, context) {
  const { url, width, height } = view.photo;
  const image = el("img", { src: url, width, height, alt: view.text || "Photo" });
  const button = el("button", { className: view.text ? "photo" : "photo alone", onclick: () => context.onPhoto(url) }, image);
  return button;
}

function documentLink(file) {
  const title = el("span", {}, el("b", { textContent: file.name || "File" }), el("small", { textContent: fileSize(file.size) }));
  return el("a", { className: "document", href: file.url, download: file.name }, el("i", {}, icon("file")), title);
}

function body(view, context) {
  const node = el("span", { className: "body", innerHTML: view.html });
  showTimes(node);
  dropLineAfterBlocks(node);
  for (const spoiler of node.querySelectorAll("tg-spoiler")) spoiler.onclick = () => spoiler.classList.add("shown");
  for (const code of node.querySelectorAll("code")) code.onclick = () => context.onCopy(code.textContent);
  for (const command of node.querySelectorAll(".command")) command.onclick = () => context.onCommand(command.textContent);
  for (const block of node.querySelectorAll("blockquote[expandable]")) block.onclick = () => block.classList.toggle("unfolded");
  return node;
}

/** A block ends its line by itself: the line break written after it would show as an empty line. */
function dropLineAfterBlocks(node) {
  for (const block of node.querySelectorAll("blockquote, pre")) {
    const next = block.nextSibling;
    if (next?.nodeType === Node.TEXT_NODE) next.data = next.data.replace(/^\n/, "");
  }
}

/** Mark folded quotes that hide something; measures, so call it once the node is in the page. */
export function markLong(node) {
  for (const block of node.querySelectorAll("blockquote[expandable]")) {
    block.classList.toggle("long", block.classList.contains("unfolded") || block.scrollHeight > block.clientHeight + 2);
  }
}

function meta(view) {
  const node = el("span", { className: "meta" });
  if (view.pinned) node.append(icon("pin"));
  if (view.silent) node.append(el("span", { textContent: "🔕", title: "Sent without sound" }));
  if (view.edits && !view.service) node.append(el("span", { className: "edited", textContent: "edited" }));
  node.append(el("time", { textContent: clock(view.date), title: new Date(view.date * 1000).toLocaleString("en-GB") }));
  return node;
}

function keyboard(view, context) {
  const rows = view.buttons.map((row) => el("div", { className: "row" }, ...row.map((button) => key(view, button, context))));
  return el("div", { className: "keys" }, ...rows);
}

function key(view, button, context) {
  const node = el("button", { className: `key ${button.style ?? ""}`, textContent: button.text, disabled: button.disabled });
  if (button.url) {
    node.append(icon("link", "mark"));
    node.onclick = () => window.open(button.url, "_blank", "noreferrer,noopener");
  } else if (button.copy) {
    node.append(icon("copy", "mark"));
    node.onclick = () => context.onCopy(button.copy);
  } else if (button.data) {
    if (context.isWaiting(view, button)) {
      node.append(el("span", { className: "spinner" }));
      node.ariaBusy = "true";
    }
    node.onclick = () => context.onTap(view, button);
  }
  return node;
}
