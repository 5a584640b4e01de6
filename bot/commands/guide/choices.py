"""What a person chooses of what was met: the chats and the roles."""

import re
from collections.abc import Mapping, Sequence

from bot.commands.guide.meeting import Meeting, Place
from bot.commands.guide.talk import Talk
from bot.core.model import Role, phrase
from bot.settings_types import ChatRef

ROLES = {
    "a": Role.ADMIN,
    "m": Role.MANAGER,
    "v": Role.VIEWER,
}
IDS = {
    Role.ADMIN: "ADMIN_USER_IDS",
    Role.MANAGER: "MANAGER_USER_IDS",
    Role.VIEWER: "VIEWER_USER_IDS",
}
NOTHING = "n"


def known(values: Mapping[str, str]) -> Meeting:
    """What the file of settings names already; wrong values are as good as none."""
    meeting = Meeting()
    named = [values.get(name, "") for name in ("ADMIN_CHAT_ID", "MANAGER_CHAT_ID")]
    for ref in [*named, *values.get("ALERT_CHAT_IDS", "").split(",")]:
        if (found := _ref(ref)) is not None:
            meeting.places.setdefault(found, Place(found))
    for user_id in _roles(values):
        meeting.people[user_id] = str(user_id)
    return meeting


async def chats(talk: Talk, meeting: Meeting, values: Mapping[str, str]) -> dict[str, str]:
    places = list(meeting.places.values())
    talk.say("setup_places")
    for number, one in enumerate(places, 1):
        line = phrase("setup_place", number=number, title=one.title, kind=one.kind, ref=one.ref)
        talk.tell(line, listed=True)
    old = values.get("ADMIN_CHAT_ID") or values.get("MANAGER_CHAT_ID", "")
    admin = await _pick(talk, "setup_admin_chat", places, default=_numbers(places, old) or "1")
    old = values.get("ALERT_CHAT_IDS", "")
    groups = ",".join(str(n) for n, one in enumerate(places, 1) if one.kind != "private")
    default = _numbers(places, old) or groups or str(places.index(admin[0]) + 1)
    alerts = await _pick(talk, "setup_alert_chats", places, default=default, most=len(places))
    return {
        # A topic is no chat: critical alerts go to the whole of it.
        "ADMIN_CHAT_ID": str(admin[0].where.chat),
        "ALERT_CHAT_IDS": ",".join(one.ref for one in alerts),
    }


async def roles(talk: Talk, meeting: Meeting, values: Mapping[str, str]) -> dict[str, str]:
    """Ask for each person's role; somebody must be an admin."""
    before = _roles(values)
    while True:
        chosen: dict[int, Role] = {}
        talk.say("setup_roles")
        for user_id, name in meeting.people.items():
            default = _letter(before.get(user_id)) if before else NOTHING if chosen else "a"
            letter = await talk.until(
                phrase("setup_role", name=name, id=user_id),
                lambda typed: typed.lower()[:1] in {*ROLES, NOTHING},
                phrase("setup_role_which"),
                default=default,
            )
            if (role := ROLES.get(letter.lower()[:1])) is not None:
                chosen[user_id] = role
        if Role.ADMIN in chosen.values():
            return _lists(chosen, values)
        talk.say("setup_no_admin", "yellow")


def _lists(chosen: Mapping[int, Role], values: Mapping[str, str]) -> dict[str, str]:
    lists = {name: _join(chosen, role) for role, name in IDS.items()}
    return {name: ids for name, ids in lists.items() if ids or values.get(name)}


def _join(chosen: Mapping[int, Role], role: Role) -> str:
    return ",".join(str(user_id) for user_id, own in chosen.items() if own is role)


async def _pick(
    talk: Talk, key: str, places: Sequence[Place], *, default: str, most: int = 1
) -> list[Place]:
    def fits(typed: str) -> bool:
        numbers = re.findall(r"\d+", typed)
        return 1 <= len(numbers) <= most and all(1 <= int(n) <= len(places) for n in numbers)

    typed = await talk.until(
        phrase(key), fits, phrase("setup_which", most=len(places)), default=default
    )
    return [places[int(number) - 1] for number in dict.fromkeys(re.findall(r"\d+", typed))]


def _numbers(places: Sequence[Place], refs: str) -> str:
    wanted = [ref.strip() for ref in refs.split(",")]
    return ",".join(str(n) for n, one in enumerate(places, 1) if one.ref in wanted)


def _roles(values: Mapping[str, str]) -> dict[int, Role]:
    """Read who is what in the file; the highest role wins."""
    found: dict[int, Role] = {}
    for role in (Role.VIEWER, Role.MANAGER, Role.ADMIN):
        for number in re.findall(r"(?<![-\d])\d{1,15}", values.get(IDS[role], "")):
            found[int(number)] = role
    return found


def _letter(role: Role | None) -> str:
    return next((letter for letter, one in ROLES.items() if one is role), NOTHING)


def _ref(text: str) -> ChatRef | None:
    found = re.fullmatch(r"\s*(-?\d{1,19})(?::(\d{1,19}))?\s*", text)
    return ChatRef(int(found[1]), int(found[2]) if found[2] else None) if found else None
