"""Another program that asks for updates with the same token: each ends the other's requests.

Where the assistant runs it is asked what it has met. Where none runs, updates are asked for once
and none is confirmed: whoever else polls asks again, and then ours is refused.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from bot.core.model import Unreadable, phrase
from bot.doctor import Case, Result, fine, ill, skipped, uneasy
from bot.doctor._http import Ask, ask
from bot.doctor._telegram import Answer, Refused, Said, call
from bot.doctor.state_database import is_running
from bot.settings_web import Address

NUMBER: Final = 25
WHAT: Final = phrase("doctor_poller")
BUILD: Final = "sovani_ops_build_info"
ERRORS: Final = "sovani_ops_telegram_errors_total"
CONFLICT: Final = {"method": "GetUpdates", "error": "TelegramConflictError"}
BY_CHANCE: Final = 2  # a quick restart meets its own last request


async def examine(case: Case) -> Sequence[Result]:
    if case.settings.webhook_url is not None:
        return [skipped(WHAT, phrase("doctor_poller_webhook"))]
    if await is_running(case.settings.state_path):
        return [met(await _conflicts(case))]
    seconds = max(1, int(case.seconds) - 1)
    return [judge(await call(case, "getUpdates", limit=1, timeout=seconds))]


def judge(answer: Answer) -> Result:
    match answer:
        case Said():
            return fine(WHAT, phrase("doctor_poller_none"))
        case Refused(code=HTTPStatus.CONFLICT, words=words) if "webhook" in words:
            return skipped(WHAT, phrase("doctor_poller_webhook"))
        case Refused(code=HTTPStatus.CONFLICT):
            return ill(WHAT, phrase("doctor_poller_there"), phrase("doctor_mend_poller"))
        case _:
            return skipped(WHAT, phrase("doctor_needs_telegram"))


def met(conflicts: int | None) -> Result:
    """What the running assistant has met since its start; None: it was not to be asked."""
    if conflicts is None:
        return skipped(WHAT, phrase("doctor_poller_unasked"))
    said = phrase("doctor_poller_met", times=conflicts)
    if conflicts > BY_CHANCE:
        return ill(WHAT, said, phrase("doctor_mend_poller"))
    if conflicts:
        return uneasy(WHAT, said, phrase("doctor_mend_poller"))
    return fine(WHAT, said)


async def _conflicts(case: Case) -> int | None:
    address, token = case.settings.http_listen, case.settings.admin_token
    if address is None:
        return None
    bearer = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else None
    try:
        heard = await ask(
            Ask(url=f"http://{_from_here(address)}/metrics", headers=bearer, seconds=case.seconds)
        )
    except Unreadable:
        return None
    if heard.status != HTTPStatus.OK:
        return None
    return counted(heard.body.decode(errors="replace"))


def counted(figures: str) -> int | None:
    """Read how often Telegram has refused the assistant; None: these are not its figures."""
    try:
        families = list(text_string_to_metric_families(figures))
    except ValueError:
        return None
    if not any(one.name == BUILD for one in families):
        return None
    samples = (sample for family in families for sample in family.samples)
    return int(sum(one.value for one in samples if (one.name, one.labels) == (ERRORS, CONFLICT)))


def _from_here(address: Address) -> Address:
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # what it may listen on
    return address._replace(host=everywhere.get(address.host, address.host))
