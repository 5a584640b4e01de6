"""A marketplace's key runs out, and with it the collection of sales.

Sees      the end that a Wildberries token carries, without asking anybody, and a token that is
          cut short. Ozon's keys carry no end.
Explains  every key: its end, its scopes, whether it is set.
Repairs   nothing: a person makes a new token in the seller's account and puts it in place.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, NonNegativeInt, model_validator

from bot.core.markets import Key, Verdict
from bot.core.model import Facts, Json, Moment, Reading, Severity, fires, ok, phrase, unknown
from bot.core.runbook import Runbook
from bot.core.tools import Tools
from checks._config import CheckConfig, diagnose
from checks._steps.token_expiry import STEPS

DAY_SEC: Final = 86_400
NONE_SET: Final = "tokens"


def _numbers(value: object) -> object:
    if isinstance(value, str | int):
        return tuple(part.strip() for part in str(value).split(",") if part.strip())
    return value


Days = Annotated[tuple[NonNegativeInt, ...], BeforeValidator(_numbers)]  # "30,14,7,3,1"


class Config(CheckConfig, title="CHECKS__TOKEN_EXPIRY"):
    info_days: int = Field(
        default=30,
        ge=0,
        description="So many days before its end, where that is earlier than the warning: info, "
        "which is sent nowhere unless `ALERT_MIN_SEVERITY` is `info`.",
    )
    warning_days: int = Field(default=30, ge=0, description="So many days before: a warning.")
    error_days: int = Field(default=3, ge=0, description="So many days before: an error.")
    steps_days: Days = Field(
        default=(30, 14, 7, 3, 1),
        description="Days before its end at which it rings again, by comma.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.info_days >= self.warning_days >= self.error_days:
            raise ValueError("INFO_DAYS, WARNING_DAYS and ERROR_DAYS must not grow in this order")
        return self


def runbook(config: Config) -> Runbook:
    return Runbook(
        name="check_token_expiry",
        title="API keys",
        number=7,
        detect=partial(detect, config=config),
        diagnose=diagnose("token_expiry", partial(diagnosis, config=config)),
        asks={"Check keys": "tokens live"},
        steps=STEPS,
        **config.pace,
    )


async def detect(tools: Tools, at: Moment, *, config: Config) -> list[Reading]:
    return judge(tools.markets.keys(at.now), at.now, config)


async def diagnosis(tools: Tools, at: Moment, *, config: Config) -> Facts:
    keys = [key for key in tools.markets.keys(at.now) if key.is_set]
    return {"keys": [{"name": key.name, **facts(key, at.now, config)} for key in keys]}


def judge(keys: Sequence[Key], now: datetime, config: Config) -> list[Reading]:
    """One reading for each key that is set and can tell its end, or is broken."""
    telling = [key for key in keys if key.is_set and (key.expires or key.flaw)]
    if not telling:
        return [unknown(NONE_SET, phrase("token_none_set"), idle=True)]
    return [_judge(key, now, config) for key in telling]


def _judge(key: Key, now: datetime, config: Config) -> Reading:
    severity = _severity(key, now, config)
    numbers = facts(key, now, config)
    return ok(key.name, **numbers) if severity is None else fires(key.name, severity, **numbers)


def _severity(key: Key, now: datetime, config: Config) -> Severity | None:
    if key.flaw is Verdict.MALFORMED or key.expires is None:
        return Severity.ERROR
    left = _seconds_left(key, now) / DAY_SEC
    limits = (
        (0, Severity.CRITICAL),
        (config.error_days, Severity.ERROR),
        (config.warning_days, Severity.WARNING),
        (config.info_days, Severity.INFO),
    )
    found = next((severity for days, severity in limits if left <= days), None)
    if found is Severity.CRITICAL and key.spare:
        return Severity.ERROR  # nothing stands still yet
    if key.flaw is Verdict.WRONG_CATEGORY and found in {None, Severity.INFO}:
        return Severity.WARNING
    return found


def facts(key: Key, now: datetime, config: Config) -> dict[str, Json]:
    """Days are whole ones: a card that counts hours would be edited all day."""
    left = None if key.expires is None else _seconds_left(key, now)
    passed = [
        step for step in (*config.steps_days, 0) if left is not None and left <= step * DAY_SEC
    ]
    days = None if left is None else int(left // DAY_SEC)
    return {
        "day": None if key.expires is None else key.expires.isoformat(),
        "days_left": days,
        "stage": len(passed),  # one more rings anew
        "expired": left is not None and left <= 0,
        "flaw": None if key.flaw is None else key.flaw.value,
        "wanted": key.wanted,
        "scopes": list(key.scopes),
        "spare": key.spare,
        "market": key.market.value,
    }


def _seconds_left(key: Key, now: datetime) -> float:
    assert key.expires is not None  # noqa: S101  # callers saw to it
    return (key.expires - now).total_seconds()
