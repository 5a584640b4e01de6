"""Who wrote from where: chats, topics and people, as Telegram's updates name them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.core.access import NOBODY
from bot.settings_types import ChatRef

KINDS = ("message", "channel_post", "my_chat_member")
INSIDE = frozenset({"member", "administrator", "creator", "restricted"})


@dataclass(frozen=True, slots=True)
class Place:
    """A chat or a topic of one. `kind` is Telegram's; "" where only its id is known."""

    where: ChatRef
    title: str = ""
    kind: str = ""

    @property
    def ref(self) -> str:
        chat, topic = self.where
        return f"{chat}:{topic}" if topic else str(chat)


@dataclass(slots=True)
class Meeting:
    places: dict[ChatRef, Place] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)

    def hear(self, update: Mapping[str, Any]) -> Place | None:
        """Take one update in; return the place that it told about first."""
        for kind in KINDS:
            if isinstance(body := update.get(kind), dict):
                return self._member(body) if kind == "my_chat_member" else self._message(body)
        return None

    def _message(self, message: Mapping[str, Any]) -> Place | None:
        if moved := message.get("migrate_to_chat_id"):
            self._forget(message["chat"]["id"])
            return self._meet({**message["chat"], "id": moved, "type": "supergroup"}, None)
        self._greet(message.get("from"))
        topic = message.get("message_thread_id") if message.get("is_topic_message") else None
        return self._meet(message["chat"], topic)

    def _member(self, change: Mapping[str, Any]) -> Place | None:
        if change["new_chat_member"]["status"] not in INSIDE:
            self._forget(change["chat"]["id"])
            return None
        self._greet(change.get("from"))
        return self._meet(change["chat"], None)

    def _meet(self, chat: Mapping[str, Any], topic: int | None) -> Place | None:
        where = ChatRef(chat["id"], topic)
        known = self.places.get(where)
        title = str(chat.get("title") or chat.get("first_name") or "")
        self.places[where] = Place(where, title, str(chat["type"]))
        return None if known and known.kind else self.places[where]

    def _forget(self, chat: int) -> None:
        for where in [one for one in self.places if one.chat == chat]:
            del self.places[where]

    def _greet(self, user: Mapping[str, Any] | None) -> None:
        """Anonymous admins and channels are nobody: only people have roles."""
        if user and not user.get("is_bot") and user["id"] not in NOBODY:
            nick = f" (@{user['username']})" if user.get("username") else ""
            self.people[user["id"]] = f"{user['first_name']}{nick}"
