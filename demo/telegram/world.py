"""Who lives in the emulator: people, chats and the bot. Plain data, from JSON or built here."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Json = dict[str, Any]
ChatType = Literal["private", "group", "supergroup", "channel"]

ANN, BORIS, VERA, SAM = 1001, 1002, 1003, 1999
ADMINS, SHOP_TEAM = -1001000000001, -1001000000002
DEMO_TOKEN = "4200000000:demo-token-of-the-emulator-AAAAAAAAAA"  # noqa: S105  # opens only the emulator


class WorldError(ValueError):
    """The world file does not describe a world; the text says where."""


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    first_name: str
    role: str = ""  # shown on the page only; the bot decides by its own settings
    username: str = ""

    def as_user(self) -> Json:
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.username:
            user["username"] = self.username
        return user | {"language_code": "en"}


@dataclass(frozen=True, slots=True)
class Room:
    """A group or channel at the start. Private chats come with the people."""

    id: int
    title: str
    type: ChatType = "supergroup"
    members: tuple[int, ...] = ()
    admins: tuple[int, ...] = ()  # the first one owns the chat
    topics: tuple[int, ...] = ()
    bot_is_admin: bool = True


@dataclass(frozen=True, slots=True)
class World:
    people: tuple[Person, ...]
    rooms: tuple[Room, ...]
    token: str = DEMO_TOKEN
    bot_username: str = "sovani_ops_bot"
    bot_name: str = "SoVAni Ops"
    not_started: tuple[int, ...] = field(default=())  # people who never wrote to the bot

    @property
    def bot_id(self) -> int:
        return int(self.token.partition(":")[0])


def demo_world(token: str = DEMO_TOKEN, bot_username: str = "sovani_ops_bot") -> World:
    return World(
        people=(
            Person(ANN, "Ann", "admin", "ann"),
            Person(BORIS, "Boris", "manager", "boris"),
            Person(VERA, "Vera", "viewer", "vera"),
            Person(SAM, "Sam", "stranger"),
        ),
        rooms=(
            Room(ADMINS, "Admins", members=(ANN, BORIS), admins=(ANN, BORIS)),
            Room(SHOP_TEAM, "Shop team", members=(ANN, BORIS, VERA, SAM), admins=(ANN,)),
        ),
        token=token,
        bot_username=bot_username,
    )


def load_world(path: Path, token: str, bot_username: str) -> World:
    """Read a world from JSON.

    Shape: {"people": [{"id", "first_name", "role", "username"}], "rooms": [{"id", "title",
    "type", "members", "admins", "topics", "bot_is_admin"}], "not_started": [user ids]}.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return World(
            people=tuple(Person(**person) for person in raw["people"]),
            rooms=tuple(room_from(room) for room in raw.get("rooms", ())),
            not_started=tuple(raw.get("not_started", ())),
            token=token,
            bot_username=bot_username,
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise WorldError(f"{path}: {type(error).__name__}: {error}") from error


def room_from(raw: Json) -> Room:
    lists = {key: tuple(raw.get(key, ())) for key in ("members", "admins", "topics")}
    return Room(**(raw | lists))


def describe(world: World) -> Json:
    """Return the world in the shape `load_world` reads, without the token."""
    return {
        "people": [asdict(person) for person in world.people],
        "rooms": [asdict(room) for room in world.rooms],
        "not_started": list(world.not_started),
    }
