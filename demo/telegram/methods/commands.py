"""The command menu, by scope and language."""

import re

from demo.telegram.chats import Chat
from demo.telegram.params import Params
from demo.telegram.refusals import bad_request
from demo.telegram.state import Scope, State
from demo.telegram.world import Json

COMMANDS = 100
DESCRIPTION_LENGTH = 256
_NAME = re.compile(r"[a-z0-9_]{1,32}")
_WITHOUT_CHAT = frozenset(
    {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
)
_WITH_CHAT = frozenset({"chat", "chat_administrators", "chat_member"})


def _scope(state: State, params: Params) -> Scope:
    raw = params.parsed("scope") or {"type": "default"}
    kind = raw.get("type") if isinstance(raw, dict) else None
    if kind in _WITHOUT_CHAT:
        return str(kind), 0, 0
    if kind not in _WITH_CHAT:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    chat = state.reach(Params({"chat_id": str(raw.get("chat_id", ""))}))
    if kind == "chat_administrators" and chat.type == "private":
        raise bad_request("can't change commands in private chats for administrators")
    if kind != "chat_member":
        return str(kind), chat.id, 0
    user_id = int(raw.get("user_id", 0))
    if user_id not in chat.members:
        raise bad_request("user not found")
    return "chat_member", chat.id, user_id


def _key(state: State, params: Params) -> tuple[Scope, str]:
    return _scope(state, params), params.text("language_code")


def set_commands(state: State, params: Params) -> bool:
    key = _key(state, params)
    raw = params.parsed("commands")
    if not isinstance(raw, list):
        raise bad_request("can't parse commands JSON array")
    if len(raw) > COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands = [_command(each) for each in raw]
    if commands:
        state.commands[key] = commands
    else:
        state.commands.pop(key, None)
    state.journal.add("commands")
    return True


def _command(raw: Json) -> Json:
    name = str(raw.get("command", "")).removeprefix("/")
    description = str(raw.get("description", "")).strip()
    if not _NAME.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= DESCRIPTION_LENGTH:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def get_commands(state: State, params: Params) -> list[Json]:
    return state.commands.get(_key(state, params), [])


def delete_commands(state: State, params: Params) -> bool:
    state.commands.pop(_key(state, params), None)
    state.journal.add("commands")
    return True


def menu(state: State, chat: Chat, user_id: int, language: str = "en") -> list[Json]:
    """Return what a person sees behind "/" in a chat: the narrowest scope that has commands."""
    for scope in _scopes(chat, user_id):
        for code in (language, ""):
            if found := state.commands.get((scope, code)):
                return found
    return []


def _scopes(chat: Chat, user_id: int) -> list[Scope]:
    if chat.type == "private":
        return [("chat", chat.id, 0), ("all_private_chats", 0, 0), ("default", 0, 0)]
    rights: list[Scope] = [("all_chat_administrators", 0, 0)] if user_id in chat.admins else []
    narrow: list[Scope] = [("chat_member", chat.id, user_id)]
    if user_id in chat.admins:
        narrow.append(("chat_administrators", chat.id, 0))
    wide: list[Scope] = [("all_group_chats", 0, 0), ("default", 0, 0)]
    return [*narrow, ("chat", chat.id, 0), *rights, *wide]


METHODS = {
    "setMyCommands": set_commands,
    "getMyCommands": get_commands,
    "deleteMyCommands": delete_commands,
}
