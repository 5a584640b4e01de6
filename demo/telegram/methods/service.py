"""Answers to taps, files and the webhook setting."""

import re

from demo.telegram.files import DOWNLOAD_BYTES
from demo.telegram.params import Params
from demo.telegram.refusals import QUERY_TOO_OLD, bad_request
from demo.telegram.state import ANSWER_WITHIN, State
from demo.telegram.updates import Webhook
from demo.telegram.world import Json

ANSWER_LENGTH = 200
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def answer_callback_query(state: State, params: Params) -> bool:
    query = state.queries.get(params.text("callback_query_id"))
    if query is None or query.answer is not None or _late(state, query.at):
        raise bad_request(QUERY_TOO_OLD)
    text = params.text("text")
    if len(text) > ANSWER_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answer = {"text": text, "show_alert": params.flag("show_alert")}
    state.journal.add("answer", **query.as_json())
    state.answered.ring()
    return True


def _late(state: State, at: float) -> bool:
    return state.clock() - at > ANSWER_WITHIN


def get_file(state: State, params: Params) -> Json:
    stored = state.files.stored.get(params.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.content) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return stored.as_file() | {"file_path": stored.path}


def set_webhook(state: State, params: Params) -> bool:
    url, secret = params.text("url"), params.text("secret_token")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    _take_allowed(state, params)
    if params.flag("drop_pending_updates"):
        state.updates.pending.clear()
    state.updates.webhook = Webhook(url, secret)
    state.updates.bell.ring()
    return True


def delete_webhook(state: State, params: Params) -> bool:
    if params.flag("drop_pending_updates"):
        state.updates.pending.clear()
    state.updates.webhook = Webhook()
    state.updates.bell.ring()
    return True


def get_webhook_info(state: State, params: Params) -> Json:
    del params
    webhook = state.updates.webhook
    info: Json = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(state.updates.pending),
    }
    if webhook.last_error:
        info |= {
            "last_error_date": webhook.last_error_at,
            "last_error_message": webhook.last_error,
        }
    if state.updates.allowed:
        info["allowed_updates"] = sorted(state.updates.allowed)
    return info


def _take_allowed(state: State, params: Params) -> None:
    allowed = params.parsed("allowed_updates")
    if allowed is not None:
        state.updates.allowed = frozenset(map(str, allowed))


async def get_updates(state: State, params: Params) -> list[Json]:
    _take_allowed(state, params)
    return await state.updates.poll(
        params.integer("offset"), params.integer("limit", 100), params.integer("timeout")
    )


METHODS = {
    "answerCallbackQuery": answer_callback_query,
    "getFile": get_file,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
