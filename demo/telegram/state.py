"""Everything the emulator knows, in plain dictionaries."""

import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from demo.telegram.bell import Bell
from demo.telegram.chats import Chat, Kept, private_chat, room_chat
from demo.telegram.faults import Faults
from demo.telegram.files import Files
from demo.telegram.journal import Journal
from demo.telegram.limits import Limits
from demo.telegram.params import Params
from demo.telegram.refusals import bad_request
from demo.telegram.updates import Updates
from demo.telegram.world import Json, Person, Room, World

KEPT_QUERIES = 5000
ANSWER_WITHIN = 15  # seconds; nobody outside knows the number: 10 s pass, 20 s are too late


@dataclass(slots=True)
class Query:
    """A tap on a button, and the answer the bot gave it."""

    id: str
    user_id: int
    chat_id: int
    message_id: int
    data: str
    at: float
    answer: Json | None = None

    def as_json(self) -> Json:
        return {
            "query_id": self.id,
            "user_id": self.user_id,
            "chat_id": self.chat_id,
            "message_id": self.message_id,
            "data": self.data,
            "answered": self.answer is not None,
            "text": (self.answer or {}).get("text", ""),
            "show_alert": (self.answer or {}).get("show_alert", False),
        }


Scope = tuple[str, int, int]  # (type, chat id or 0, user id or 0)


@dataclass(slots=True)
class State:
    world: World
    clock: Callable[[], float] = time.time
    people: dict[int, Person] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    commands: dict[tuple[Scope, str], list[Json]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    files: Files = field(default_factory=Files)
    faults: Faults = field(default_factory=Faults)
    limits: Limits = field(default_factory=Limits)
    journal: Journal = field(default_factory=Journal)
    answered: Bell = field(default_factory=Bell)
    called: Bell = field(default_factory=Bell)
    updates: Updates = field(init=False)

    def __post_init__(self) -> None:
        self.updates = Updates(self.clock)
        self._settle()

    def reset(self) -> None:
        """Forget all that happened; commands, webhook and update ids stay."""
        self.queries.clear()
        self.calls.clear()
        self.answers.clear()
        self.files = Files()
        self.faults = Faults()
        self.limits = Limits()
        self.updates.pending.clear()
        self._settle()
        self.journal.add("reset")

    def _settle(self) -> None:
        last_ids = {chat.id: chat.last_id for chat in self.chats.values()}
        self.people = {person.id: person for person in self.world.people}
        self.chats = {}
        for person in self.world.people:
            started = person.id not in self.world.not_started
            self.chats[person.id] = private_chat(person, started=started)
        for room in self.world.rooms:
            self.chats[room.id] = room_chat(room)
        for chat in self.chats.values():
            chat.last_id = last_ids.get(chat.id, 0)

    def add_room(self, room: Room) -> Chat:
        self.chats[room.id] = room_chat(room)
        self.journal.add("chat", chat_id=room.id)
        return self.chats[room.id]

    @property
    def bot_user(self) -> Json:
        world = self.world
        return {
            "id": world.bot_id,
            "is_bot": True,
            "first_name": world.bot_name,
            "username": world.bot_username,
        }

    def now(self) -> int:
        return int(self.clock())

    def find_chat(self, params: Params) -> Chat:
        """Return the chat a call names, whatever its state; refuse one that does not exist."""
        raw = params.text("chat_id")
        if not raw:
            raise bad_request("chat_id is empty")
        try:
            return self.chats[int(raw)]
        except (ValueError, KeyError):
            raise bad_request("chat not found") from None

    def reach(self, params: Params) -> Chat:
        """Return the chat a call names, if the bot may act there."""
        chat = self.find_chat(params)
        if refusal := chat.closed():
            raise refusal
        return chat

    def post(
        self, chat: Chat, sender: Json | None, content: Json, *, silent: bool = False
    ) -> Kept:
        """Put a message into a chat and tell those who watch."""
        message: Json = {
            "message_id": chat.new_id(),
            **({"from": sender} if sender else {}),
            "chat": chat.as_chat(),
            "date": self.now(),
            **content,
        }
        by_bot = bool(sender and sender["id"] == self.world.bot_id)
        kept = chat.keep(Kept(message, silent=silent, by_bot=by_bot))
        self.journal.add("message", chat_id=chat.id, message_id=message["message_id"])
        return kept

    def ask(self, user_id: int, chat_id: int, message_id: int, data: str) -> Query:
        query_id = str(secrets.randbelow(9 * 10**17) + 10**17)
        query = Query(query_id, user_id, chat_id, message_id, data, self.clock())
        self.queries[query_id] = query
        if len(self.queries) > KEPT_QUERIES:
            del self.queries[next(iter(self.queries))]
        return query
