"""Chats and the messages kept in them."""

from dataclasses import dataclass, field
from typing import Literal

from demo.telegram.refusals import Refusal, bad_request, forbidden, migrated
from demo.telegram.world import ChatType, Json, Person, Room

KEPT_MESSAGES = 5000
BotStatus = Literal["member", "administrator", "kicked", "left", "not_started", "deactivated"]


@dataclass(slots=True)
class Kept:
    """A message as the Bot API shows it, and what only the page and tests want to know."""

    api: Json
    edits: int = 0
    silent: bool = False
    by_bot: bool = False
    reactions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Chat:
    id: int
    type: ChatType
    title: str
    members: set[int]
    admins: list[int] = field(default_factory=list)
    topics: set[int] = field(default_factory=set)
    username: str = ""
    bot_status: BotStatus = "member"
    read_only: bool = False
    migrated_to: int | None = None
    messages: dict[int, Kept] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    last_id: int = 0

    def new_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def keep(self, kept: Kept) -> Kept:
        self.messages[kept.api["message_id"]] = kept
        if len(self.messages) > KEPT_MESSAGES:
            del self.messages[next(iter(self.messages))]
        return kept

    def as_chat(self) -> Json:
        if self.type == "private":
            chat: Json = {"id": self.id, "type": "private", "first_name": self.title}
            return chat | ({"username": self.username} if self.username else {})
        chat = {"id": self.id, "type": self.type, "title": self.title}
        return chat | ({"is_forum": True} if self.topics else {})

    def closed(self) -> Refusal | None:
        """Return the refusal that meets anything the bot does in this chat, if there is one."""
        if self.migrated_to is not None:
            return migrated(self.migrated_to)
        blocked = self.type == "private"
        words: dict[BotStatus, str] = {
            "kicked": "bot was blocked by the user"
            if blocked
            else f"bot was kicked from the {self.type} chat",
            "left": f"bot is not a member of the {self.type} chat",
            "not_started": "bot can't initiate conversation with a user",
            "deactivated": "user is deactivated",
        }
        return forbidden(words[self.bot_status]) if self.bot_status in words else None

    def check_writable(self) -> None:
        if self.read_only:
            raise bad_request("not enough rights to send text messages to the chat")


def private_chat(person: Person, *, started: bool) -> Chat:
    return Chat(
        id=person.id,
        type="private",
        title=person.first_name,
        members={person.id},
        username=person.username,
        bot_status="member" if started else "not_started",
    )


def room_chat(room: Room) -> Chat:
    return Chat(
        id=room.id,
        type=room.type,
        title=room.title,
        members={*room.members, *room.admins},
        admins=list(room.admins),
        topics=set(room.topics),
        bot_status="administrator" if room.bot_is_admin else "member",
    )
