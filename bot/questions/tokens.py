"""The marketplaces' keys: there or not, until when, for what; and whether they work right now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.keyboard import Key as Button
from bot.core.markets import Answer, Key, Verdict
from bot.core.question import Asking, Command, Page, Param
from bot.core.verbs import Verb

LIVE = "live"
SOON_DAYS = 14
DAY_SEC = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`answer` None: not tried. `lamp` names a picture."""

    key: Key
    lamp: str
    days_left: int | None
    answer: Answer | None


def command() -> Command:
    return Command(
        name="tokens",
        about="API keys: set or not, until when, for what; live: do they work",
        read=read,
        params=[Param(name="live", default="", words=(LIVE,))],
        place=52,
        runbooks=[2, 7],
    )


async def read(asking: Asking) -> Page:
    keys = asking.tools.markets.keys(asking.moment.now)
    live = asking.args["live"] == LIVE
    answers = await asking.tools.markets.try_keys() if live else {}
    return Page(
        template="answers/tokens.html.j2",
        values={"lines": lines(keys, answers, asking.moment.now), "live": live},
        keys=[[Button("Check keys", Verb.ASK, f"tokens {LIVE}")]],
    )


def lines(keys: Sequence[Key], answers: Mapping[str, Answer], now: datetime) -> list[Line]:
    found = []
    for key in keys:
        left = (key.expires - now).total_seconds() if key.expires else None
        days = None if left is None else int(left // DAY_SEC)
        answer = answers.get(key.name)
        found.append(Line(key=key, lamp=lamp(key, days, answer), days_left=days, answer=answer))
    return found


def lamp(key: Key, days_left: int | None, answer: Answer | None) -> str:
    """What a live answer says counts before what the key says of itself."""
    if not key.is_set:
        return "idle"
    if answer is not None and answer.verdict.is_our_key:
        return "error"
    late = days_left is not None and days_left < 0
    if (key.flaw is not None or late) and (answer is None or answer.verdict is not Verdict.WORKS):
        return "error"
    if answer is not None and answer.verdict not in {Verdict.WORKS, Verdict.UNTRIED}:
        return "unknown"
    soon = days_left is not None and days_left < SOON_DAYS
    return "warning" if soon or key.flaw is not None else "ok"
