/** The page: who you are, which chat is open, and what happens there. */
import { follow, get, post } from "./api.js";
import { avatar, byId, el } from "./dom.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { listTime } from "./moments.js";
import { Panel } from "./panel.js";
import { People } from "./people.js";

const SPINNER_LASTS = 15000;
const TOAST_LASTS = 3500;
const TYPING_LASTS = 5000;

const state = { me: 0, chatId: 0, world: null, chats: [], waiting: new Map(), typing: 0 };

const context = {
  get me() { return state.me; },
  get isGroup() { return openChat()?.type !== "private"; },
  isWaiting: (view, button) => state.waiting.has(keyOf(view.chat_id, view.message_id, button.data)),
  onTap: tap,
  onReply: (view) => composer.replyTo(view),
  onJump: (messageId) => conversation.jump(messageId),
  onPhoto: showPhoto,
  onCommand: (command) => send(command, 0),
  onCopy: copy,
};
const conversation = new Conversation(context);
const composer = new Composer(send);
const people = new People((id) => become(id));
const panel = new Panel(toast);

const openChat = () => state.chats.find((chat) => chat.id === state.chatId);
const keyOf = (...parts) => parts.join("|");
const titleOf = (chat) => (chat.type === "private" ? state.world.bot.name : chat.title);

/* ---- reading marks: per person, kept while the tab lives ---- */
const markName = (chatId) => `read:${state.me}:${chatId}`;
const readUpTo = (chatId) => Number(sessionStorage.getItem(markName(chatId)) ?? 0);
const markRead = (chat) => sessionStorage.setItem(markName(chat.id), chat.last_id);

async function become(id) {
  state.me = id;
  localStorage.setItem("me", id);
  people.draw(state.world.people, id);
  await loadChats();
  if (openChat()) await open(state.chatId, false);
  else if (!matchMedia("(max-width: 720px)").matches && state.chats.length) await open(state.chats[0].id, false);
  else closeChat();
}

/** Read the list of chats; calls that come while it is being read are answered by one more reading. */
let reading = null;
let again = false;
function loadChats() {
  if (reading) again = true;
  else reading = readChats().finally(() => { reading = null; });
  return reading;
}

async function readChats() {
  const { chats } = await get(`/control/chats?user=${state.me}`);
  if (again) {
    again = false;
    return readChats();
  }
  state.chats = chats.filter((chat) => chat.migrated_to === null);
  drawChats();
}

function drawChats() {
  const order = { supergroup: 0, group: 0, channel: 1, private: 2 };
  state.chats.sort((a, b) => (b.last?.date ?? 0) - (a.last?.date ?? 0) || order[a.type] - order[b.type] || b.id - a.id);
  byId("chats").replaceChildren(...state.chats.map(chatRow));
  const unread = state.chats.reduce((sum, chat) => sum + Math.max(0, chat.last_id - readUpTo(chat.id)), 0);
  document.title = unread ? `(${unread}) Telegram · demo` : "Telegram · demo";
}

function chatRow(chat) {
  const unread = Math.max(0, chat.last_id - readUpTo(chat.id));
  const isOpen = chat.id === state.chatId;
  const last = el("span", { className: "last" });
  if (chat.last && chat.type !== "private") last.append(el("span", { textContent: `${chat.last.name}: ` }));
  last.append(chat.last?.text ?? "No messages yet");
  const row = el("button", { className: isOpen ? "chat open" : "chat", onclick: () => open(chat.id) },
    avatar(chat.type === "private" ? state.world.bot.id : chat.id, titleOf(chat)),
    el("span", { className: "lines" },
      el("span", { className: "line" }, el("b", { textContent: titleOf(chat) }), el("time", { textContent: chat.last ? listTime(chat.last.date) : "" })),
      el("span", { className: "line" }, last, unread && !isOpen ? el("span", { className: "unread", textContent: unread }) : null)));
  row.dataset.chat = chat.id;
  return row;
}

async function open(chatId, byHand = true) {
  if (byHand && chatId !== state.chatId) composer.clear();
  state.chatId = chatId;
  byId("app").classList.add("reading");
  const chat = openChat();
  drawHeader();
  const { messages } = await get(`/control/chats/${chatId}/messages`);
  if (state.chatId !== chatId) return; // another chat was opened meanwhile
  markRead(chat);
  drawChats();
  conversation.show(messages);
  await loadMenu();
}

function closeChat() {
  state.chatId = 0;
  byId("app").classList.remove("reading");
  drawChats();
}

function drawHeader() {
  const chat = openChat();
  if (!chat) return;
  byId("chat-title").textContent = titleOf(chat);
  byId("chat-avatar").replaceChildren(avatar(chat.type === "private" ? state.world.bot.id : chat.id, titleOf(chat), "small"));
  const typing = Date.now() - state.typing < TYPING_LASTS;
  byId("chat-status").textContent = typing ? `${state.world.bot.name} is typing…` : chat.type === "private" ? "bot" : `${chat.members.length + 1} members`;
  byId("chat-status").classList.toggle("typing", typing);
  byId("pinned").hidden = !chat.pinned;
  byId("pinned-text").textContent = chat.pinned?.text ?? "";
  byId("pinned").onclick = () => conversation.jump(chat.pinned.message_id);
}

async function loadMenu() {
  if (!state.chatId) return;
  const { commands } = await get(`/control/menu?user=${state.me}&chat=${state.chatId}`);
  composer.setCommands(commands);
}

async function send(text, replyTo) {
  try {
    await post("/control/say", { user: state.me, chat: state.chatId, text, reply_to: replyTo });
  } catch (error) {
    toast(error.message);
  }
}

async function tap(view, button) {
  const key = keyOf(view.chat_id, view.message_id, button.data);
  if (state.waiting.has(key)) return;
  state.waiting.set(key, "");
  conversation.redraw(view.message_id);
  setTimeout(() => settle(key, view.message_id), SPINNER_LASTS);
  try {
    await post("/control/tap", { user: state.me, chat: view.chat_id, message_id: view.message_id, data: button.data });
  } catch (error) {
    settle(key, view.message_id);
    toast(error.message);
  }
}

function settle(key, messageId) {
  if (state.waiting.delete(key)) conversation.redraw(messageId);
}

/* ---- what comes from the emulator ---- */
function onEvents(page) {
  if (page.lost) return void reload();
  const lists = page.events.map(onEvent);
  if (lists.some(Boolean)) {
    loadChats().then(() => {
      const chat = openChat();
      if (chat && document.visibilityState === "visible") markRead(chat);
      if (!chat && state.chatId) closeChat();
      drawHeader();
      drawChats();
    });
  }
}

/** Handle one event; return whether the list of chats must be read anew. */
function onEvent(event) {
  const here = event.chat_id === state.chatId;
  switch (event.kind) {
    case "message":
    case "edit":
      if (event.kind === "message" && here && event.message?.out) state.typing = 0;
      if (here && event.message) conversation.put(event.message, { isNew: event.kind === "message" });
      return true;
    case "reaction":
    case "pin":
      if (here && event.message) conversation.refresh(event.message);
      return event.kind === "pin";
    case "delete":
      if (here) conversation.remove(event.message_id);
      return true;
    case "answer":
      settle(keyOf(event.chat_id, event.message_id, event.data), event.message_id);
      if (event.user_id === state.me && event.text) (event.show_alert ? alertBox : toast)(event.text);
      return false;
    case "action":
      if (here) showTyping();
      return false;
    case "commands":
      loadMenu();
      return false;
    case "reset":
      reload();
      return false;
    default:
      return event.kind === "chat";
  }
}

function showTyping() {
  state.typing = Date.now();
  drawHeader();
  setTimeout(drawHeader, TYPING_LASTS + 50);
}

function alertBox(text) {
  byId("alert-text").textContent = text;
  if (!byId("alert").open) byId("alert").showModal();
}

function toast(text) {
  const node = el("div", { className: "toast", textContent: text });
  byId("toasts").append(node);
  setTimeout(() => node.remove(), TOAST_LASTS);
}

function showPhoto(url) {
  byId("picture").src = url;
  byId("lightbox").showModal();
}

function copy(text) {
  navigator.clipboard?.writeText(text).then(() => toast("Copied"), () => toast("The browser does not allow copying"));
}

async function reload() {
  try {
    state.waiting.clear();
    state.world = await get("/control/world");
    if (!state.world.people.some((person) => person.id === state.me)) state.me = state.world.people[0].id;
    await become(state.me);
  } catch {
    byId("offline").hidden = false;
  }
}

let wasConnected = true;
function onConnection(connected) {
  byId("offline").hidden = connected;
  if (connected && !wasConnected) reload();
  wasConnected = connected;
}

async function start() {
  const asked = new URLSearchParams(location.search);
  state.me = Number(asked.get("user") ?? localStorage.getItem("me") ?? 0);
  state.chatId = Number(asked.get("chat") ?? 0);
  await reload();
  follow(state.world?.last ?? 0, onEvents, onConnection);
  await panel.start();
}

byId("back").onclick = closeChat;
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && openChat()) { markRead(openChat()); drawChats(); }
});
start();
