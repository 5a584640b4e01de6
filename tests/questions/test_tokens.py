"""What `/tokens` says of each key, as people read it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.markets import Answer, Key, Market, Verdict
from bot.edges.templates import Templates, plain
from bot.questions.tokens import lines
from tests.conftest import NOON


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(zone=ZoneInfo("Europe/Moscow"), clock=lambda: NOON)


WB = Key(
    name="WB_STATS_TOKEN",
    market=Market.WILDBERRIES,
    is_set=True,
    fingerprint="a1b2c3",
    expires=NOON + timedelta(days=100),
    scopes=["Analytics", "Statistics"],
    read_only=True,
    wanted="Statistics",
)
SPARE = replace(
    WB, name="WB_STATS_TOKEN_BACKUP", expires=NOON + timedelta(days=5), spare=True, scopes=[]
)
ADS = replace(WB, name="WB_ADS_TOKEN", is_set=False, fingerprint="", expires=None)
BROKEN = replace(
    WB, name="WB_CONTENT_TOKEN", expires=None, scopes=[], flaw=Verdict.MALFORMED, fingerprint="0"
)
OZON = Key(name="OZON_API_KEY_ADMIN", market=Market.OZON, is_set=True, fingerprint="d4e5f6")


def said(verdict: Verdict, **more: object) -> Answer:
    return replace(Answer(at=NOON, verdict=verdict, status=401), **more)  # type: ignore[arg-type]


def shown(
    templates: Templates, *keys: Key, answers: Mapping[str, Answer] | None = None
) -> list[str]:
    text = templates.render(
        "answers/tokens.html.j2", lines=lines(keys, answers or {}, NOON), live=answers is not None
    )
    assert len(text) < 4096
    return plain(text).splitlines()


def test_what_is_known_without_asking(templates: Templates) -> None:
    assert shown(templates, WB, SPARE, ADS, BROKEN, OZON) == [
        "API keys",
        "",
        "✅ WB_STATS_TOKEN · a1b2c3",
        "until 3 Mar, 100 days",
        "Analytics, Statistics, read only",
        "",
        "🟡 WB_STATS_TOKEN_BACKUP, spare · a1b2c3",
        "until 28 Nov, 5 days",
        "",
        "🟠 WB_CONTENT_TOKEN · 0",
        "no token: cut short or mistyped",
        "",
        "✅ OZON_API_KEY_ADMIN · d4e5f6",
        "",
        "⚪ Not set: WB_ADS_TOKEN",
        "Six digits tell two keys apart; no part of a key is ever shown.",
    ]


@pytest.mark.parametrize(
    ("answer", "lamp", "words"),
    [
        (said(Verdict.WORKS, status=200), "✅", "answers"),
        (said(Verdict.EXPIRED), "🟠", "Our key: it has expired (HTTP 401)"),
        (said(Verdict.WITHDRAWN), "🟠", "Our key: somebody has withdrawn it (HTTP 401)"),
        (said(Verdict.WRONG_CATEGORY), "🟠", "Our key: it is not for this category (HTTP 401)"),
        (said(Verdict.REFUSED), "🟠", "Our key: not accepted (HTTP 401)"),
        (said(Verdict.MALFORMED, status=None), "🟠", "Our key: cut short or mistyped"),
        (
            said(Verdict.LIMITED, until=NOON + timedelta(minutes=5)),
            "❔",
            "Rate limited until 15:05; nothing is asked before",
        ),
        (
            said(Verdict.THEIR_SIDE, status=502),
            "❔",
            "Their side: an error of their own (HTTP 502)",
        ),
        (said(Verdict.STRANGE), "❔", "Strange: an answer nobody expects (HTTP 401)"),
        (said(Verdict.UNTRIED), "✅", "not tried: there is no harmless call"),
    ],
)
def test_a_live_answer_says_whose_turn_it_is(
    answer: Answer, lamp: str, words: str, templates: Templates
) -> None:
    text = shown(templates, WB, answers={WB.name: answer})
    assert text[0] == "API keys, tried just now"
    assert text[2].startswith(lamp)
    assert words in text


def test_their_own_words_are_data(templates: Templates) -> None:
    text = shown(templates, WB, answers={WB.name: said(Verdict.REFUSED, said="<b>no & no")})
    assert "“<b>no & no”" in text


def test_a_key_that_works_although_it_looks_wrong_is_only_doubtful(templates: Templates) -> None:
    odd = replace(WB, flaw=Verdict.WRONG_CATEGORY)
    text = shown(templates, odd, answers={WB.name: said(Verdict.WORKS, status=200)})
    assert text[2].startswith("🟡")
    assert shown(templates, odd)[2].startswith("🟠")


def test_nothing_set(templates: Templates) -> None:
    assert "⚪ Not set: WB_ADS_TOKEN" in shown(templates, ADS)
