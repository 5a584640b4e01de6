"""What the bot asks about chats and people, and what it pins."""

from demo.telegram.chats import Chat
from demo.telegram.compose import quoted
from demo.telegram.params import Params
from demo.telegram.refusals import bad_request
from demo.telegram.state import State
from demo.telegram.world import Json

RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
    "can_send_welcome_messages",
)


def get_me(state: State, params: Params) -> Json:
    del params
    return state.bot_user | {
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": False,
    }


def get_chat(state: State, params: Params) -> Json:
    chat = state.reach(params)
    full = chat.as_chat() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            False,
        ),
    }
    if chat.pinned and chat.pinned[-1] in chat.messages:
        full["pinned_message"] = quoted(chat, chat.pinned[-1])
    if chat.type != "private":
        full["permissions"] = {"can_send_messages": not chat.read_only}
    return full


def member(state: State, chat: Chat, user_id: int) -> Json:
    """Return a ChatMember."""
    if user_id == state.world.bot_id:
        return bot_member(state, chat)
    if user_id not in state.people:
        raise bad_request("PARTICIPANT_ID_INVALID")
    user = state.people[user_id].as_user()
    if user_id in chat.admins[:1]:
        return {"status": "creator", "user": user, "is_anonymous": False}
    if user_id in chat.admins:
        return _administrator(user)
    return {"status": "member" if user_id in chat.members else "left", "user": user}


def bot_member(state: State, chat: Chat) -> Json:
    match chat.bot_status:
        case "administrator":
            return _administrator(state.bot_user)
        case "kicked":
            return {"status": "kicked", "user": state.bot_user, "until_date": 0}
        case "member":
            return {"status": "member", "user": state.bot_user}
        case "left" | "not_started" | "deactivated":
            return {"status": "left", "user": state.bot_user}


def _administrator(user: Json) -> Json:
    rights: Json = dict.fromkeys(RIGHTS, True)
    facts: Json = {"status": "administrator", "user": user}
    return facts | {"can_be_edited": False, "is_anonymous": False} | rights


def get_chat_member(state: State, params: Params) -> Json:
    return member(state, state.reach(params), params.integer("user_id"))


def get_chat_administrators(state: State, params: Params) -> list[Json]:
    chat = state.reach(params)
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    found = [member(state, chat, user_id) for user_id in chat.admins]
    if chat.bot_status == "administrator":
        found.append(bot_member(state, chat))
    return found


def get_chat_member_count(state: State, params: Params) -> int:
    return len(state.reach(params).members) + 1


def pin(state: State, params: Params) -> bool:
    chat = _pinnable(state, params)
    message_id = params.integer("message_id")
    if message_id not in chat.messages:
        raise bad_request("message to pin not found")
    if message_id not in chat.pinned:
        chat.pinned.append(message_id)
        content = {"pinned_message": quoted(chat, message_id)}
        silent = params.flag("disable_notification")
        state.post(chat, state.bot_user, content, silent=silent)
        state.journal.add("pin", chat_id=chat.id, message_id=message_id)
    return True


def unpin(state: State, params: Params) -> bool:
    chat = _pinnable(state, params)
    message_id = params.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    state.journal.add("pin", chat_id=chat.id, message_id=message_id)
    return True


def unpin_all(state: State, params: Params) -> bool:
    chat = _pinnable(state, params)
    chat.pinned.clear()
    state.journal.add("pin", chat_id=chat.id, message_id=0)
    return True


def _pinnable(state: State, params: Params) -> Chat:
    chat = state.reach(params)
    if chat.type != "private" and chat.bot_status != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat


METHODS = {
    "getMe": get_me,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "pinChatMessage": pin,
    "unpinChatMessage": unpin,
    "unpinAllChatMessages": unpin_all,
}
