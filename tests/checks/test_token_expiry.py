"""Keys that run out: what is said how long before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.markets import Key, Market, Verdict
from bot.core.model import Reading, Severity, Status
from bot.core.tools import Tools
from checks import token_expiry
from checks.token_expiry import Config, judge
from tests.checks.fakes import NOON, FakeMarkets, moment
from tests.checks.seen import Seen
from tests.checks.shop import Shop

CHECK = "check_token_expiry"


def key(days: float | None = 100, name: str = "WB_STATS_TOKEN", **changes: object) -> Key:
    made = Key(
        name=name,
        market=Market.WILDBERRIES,
        is_set=True,
        fingerprint="a1b2c3",
        expires=None if days is None else NOON + timedelta(days=days),
        scopes=["Statistics"],
        wanted="Statistics",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test's own fields


def reading(found: Key, config: Config | None = None) -> Reading:
    [only] = judge([found], NOON, config or Config())
    return only


@pytest.mark.parametrize(
    ("days", "severity", "said"),
    [
        (30.1, None, "WB_STATS_TOKEN is good until 23 Dec, 30 days"),
        (30, Severity.WARNING, "WB_STATS_TOKEN expires in 30 days, on 23 Dec"),
        (14.1, Severity.WARNING, "WB_STATS_TOKEN expires in 14 days, on 7 Dec"),
        (14, Severity.WARNING, "WB_STATS_TOKEN expires in 14 days, on 7 Dec"),
        (3, Severity.ERROR, "WB_STATS_TOKEN expires in 3 days, on 26 Nov"),
        (1, Severity.ERROR, "WB_STATS_TOKEN expires in 1 day, on 24 Nov"),
        (0.5, Severity.ERROR, "WB_STATS_TOKEN expires within a day, at 24 Nov 00:00"),
        (0, Severity.CRITICAL, "WB_STATS_TOKEN has expired on 23 Nov"),
        (-40, Severity.CRITICAL, "WB_STATS_TOKEN has expired on 14 Oct"),
    ],
)
def test_the_nearer_its_end_the_worse(
    days: float, severity: Severity | None, said: str, say: Callable[[str, Reading], str]
) -> None:
    flaw = Verdict.EXPIRED if days <= 0 else None
    found = reading(key(days, flaw=flaw))
    assert found.status is (Status.OK if severity is None else Status.FIRING)
    assert severity is None or found.severity is severity
    assert say(CHECK, found) == said


def test_each_step_towards_its_end_is_a_stage() -> None:
    stages = [reading(key(days)).facts["stage"] for days in (40, 30, 14, 7, 3, 1, 0)]
    assert stages == [0, 1, 2, 3, 4, 5, 6]


def test_a_token_that_is_none_is_an_error_and_has_no_days(
    say: Callable[[str, Reading], str],
) -> None:
    found = reading(key(None, flaw=Verdict.MALFORMED))
    assert (found.severity, found.facts["days_left"]) == (Severity.ERROR, None)
    assert say(CHECK, found) == "WB_STATS_TOKEN is no token: cut short or mistyped"


def test_a_token_for_other_doors_is_a_warning(say: Callable[[str, Reading], str]) -> None:
    found = reading(key(100, flaw=Verdict.WRONG_CATEGORY, scopes=["Content"]))
    assert found.severity is Severity.WARNING
    assert say(CHECK, found) == "WB_STATS_TOKEN does not open Statistics"
    assert reading(key(2, flaw=Verdict.WRONG_CATEGORY)).severity is Severity.ERROR


def test_a_spare_that_has_expired_wakes_nobody() -> None:
    found = reading(key(-1, spare=True, flaw=Verdict.EXPIRED))
    assert found.severity is Severity.ERROR


def test_one_reading_for_each_key_that_tells_its_end() -> None:
    keys = [
        key(100),
        key(5, "WB_ADS_TOKEN"),
        key(None, "OZON_API_KEY_ADMIN"),
        key(None, "WB_CONTENT_TOKEN", is_set=False),
    ]
    found = {one.subject: one.status for one in judge(keys, NOON, Config())}
    assert found == {"WB_STATS_TOKEN": Status.OK, "WB_ADS_TOKEN": Status.FIRING}


async def test_without_any_key_it_is_idle(
    tools: Tools, say: Callable[[str, Reading], str]
) -> None:
    [found] = await token_expiry.detect(tools, moment(), config=Config())
    assert (found.status, found.idle) == (Status.UNKNOWN, True)
    assert say(CHECK, found) == "No key is set that tells its end."


async def test_the_days_are_settings(tools: Tools) -> None:
    tools = replace(tools, markets=FakeMarkets([key(50)]))
    config = Config.model_validate({"info_days": 90, "warning_days": 60, "steps_days": "90, 60"})
    [found] = await token_expiry.detect(tools, moment(), config=config)
    assert (found.severity, found.facts["stage"]) == (Severity.WARNING, 2)


async def test_who_wants_to_see_it_earlier_sees_it_as_info(tools: Tools) -> None:
    tools = replace(tools, markets=FakeMarkets([key(50)]))
    [found] = await token_expiry.detect(tools, moment(), config=Config(info_days=60))
    assert (found.severity, found.status) == (Severity.INFO, Status.FIRING)


@pytest.mark.parametrize(
    "wrong", [{"info_days": 1}, {"warning_days": 60}, {"error_days": -1}, {"steps_days": "a,b"}]
)
def test_days_that_make_no_sense_stop_the_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Config.model_validate(wrong)


async def test_the_diagnosis_lists_what_is_set(tools: Tools) -> None:
    tools = replace(tools, markets=FakeMarkets([key(5), key(None, "X", is_set=False)]))
    facts: Any = await token_expiry.diagnosis(tools, moment(), config=Config())
    assert [(one["name"], one["days_left"]) for one in facts["keys"]] == [("WB_STATS_TOKEN", 5)]


async def seen(_shop: Shop, tools: Tools) -> Seen:
    scopes = [
        "Content",
        "Analytics",
        "Prices",
        "Marketplace",
        "Statistics",
        "Promotion",
        "Feedbacks",
    ]
    flaws = {
        "WB_FEEDBACKS_TOKEN": key(-40, "WB_FEEDBACKS_TOKEN", flaw=Verdict.EXPIRED),
        "WB_SUPPLY_TOKEN": key(None, "WB_SUPPLY_TOKEN", flaw=Verdict.MALFORMED),
        "WB_STATS_TOKEN_BACKUP": key(0.5, "WB_STATS_TOKEN_BACKUP", spare=True, scopes=scopes),
        "WB_ANALYTICS_TOKEN": key(
            1, "WB_ANALYTICS_TOKEN", flaw=Verdict.WRONG_CATEGORY, scopes=scopes
        ),
    }
    return Seen(
        usual=[reading(key(9))],
        widest=[reading(one) for one in flaws.values()],
        well=[reading(key(200, name)) for name in ("WB_STATS_TOKEN", *flaws)],
        tools=replace(tools, markets=FakeMarkets([*flaws.values()])),
    )
