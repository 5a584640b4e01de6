"""The weekly reminder of announcements, with what the tariffs already say."""

from dataclasses import replace

import pytest

from bot import schedules
from bot.core.markets import Answer, Verdict
from bot.core.model import Row
from bot.core.planned import Result
from bot.core.policy import Policy
from bot.core.tariffs import NoTariffs, Tariff, TariffList
from bot.core.verbs import Verb
from bot.edges.store import SqlStore
from tests.conftest import NOON, TEAM, Clock
from tests.schedules.hall import Hall, at

WEDNESDAY = at(25, 7, 20)  # 10:20 in Moscow
SOCKS = Tariff(parent="Clothing", subject="Socks", rate_pct=15)
FETCHED = TariffList(at=NOON, column="paidStorageKgvp", tariffs=[SOCKS])


def rule(category: str, rate: float) -> Row:
    return {
        "category": category,
        "rate_pct": rate,
        "fixed_rub": 0,
        "since": "2026-01-01",
        "until": None,
    }


async def reminded(hall: Hall, clock: Clock) -> tuple[str, list[str]]:
    """What the alert chat is shown: the text, and what its buttons ask."""
    await hall.look()
    clock.now = WEDNESDAY
    assert await hall.look() == ["rule_news"]
    assert (await hall.entry("rule_news")).result is Result.DONE
    [post] = await hall.posts(TEAM.chat)
    page = await hall.store.write(lambda tx: hall.cards.page(tx, post, clock()))
    assert {key.verb for row in page.keys for key in row} == {Verb.ASK}
    return await hall.shown(post), [key.arg for row in page.keys for key in row]


@pytest.fixture
def hall(store: SqlStore, clock: Clock, policy: Policy) -> Hall:
    made = Hall(store, clock, policy, rule_news=schedules.load()["rule_news"].work)
    made.tariffs = NoTariffs(FETCHED)
    made.shop.answers = {"answers/rules.sql.j2": [rule("socks", 12.5), rule("Clothing", 15)]}
    return made


async def test_it_counts_the_rules_that_differ(hall: Hall, clock: Clock) -> None:
    text, asked = await reminded(hall, clock)
    assert "1 of 2 WB rules differs from Wildberries' tariffs: /tariffs" in text
    assert asked == ["rules WB", "rules OZON", "tariffs"]


async def test_it_says_that_none_does(hall: Hall, clock: Clock) -> None:
    hall.tariffs = NoTariffs(replace(FETCHED, tariffs=[replace(SOCKS, rate_pct=12.5)]))
    hall.shop.answers = {"answers/rules.sql.j2": [rule("socks", 12.5)]}
    text, _ = await reminded(hall, clock)
    assert "No WB rule differs from Wildberries' tariffs." in text


@pytest.mark.parametrize("verdict", [Verdict.UNSET, Verdict.LIMITED, Verdict.NETWORK])
async def test_it_comes_without_where_nothing_was_fetched(
    hall: Hall, clock: Clock, verdict: Verdict
) -> None:
    hall.tariffs = NoTariffs(Answer(at=NOON, verdict=verdict))
    text, asked = await reminded(hall, clock)
    assert "Have commissions been announced?" in text
    assert "tariffs" not in text
    assert asked == ["rules WB", "rules OZON"]


async def test_it_comes_without_where_the_rules_cannot_be_read(hall: Hall, clock: Clock) -> None:
    hall.shop.missing = "commission_rules"
    text, _ = await reminded(hall, clock)
    assert "tariffs" not in text
