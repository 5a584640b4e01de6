import pytest
from pydantic import ValidationError

import checks
from bot.core.runbook import Runbook
from bot.core.shared import Shared
from bot.edges.templates import Templates, plain

NAMES = [
    "check_api_latency_p95",
    "check_ingest_success_rate",
    "check_cash_balance_threshold",
    "check_commission_outliers",
    "check_db_growth",
    "check_scheduler_on_time",
    "check_token_expiry",
    "check_cash_reserve",
    "check_db_connections",
]


def test_all_are_found_in_the_runbooks_order(runbooks: dict[str, Runbook]) -> None:
    assert list(runbooks) == NAMES
    assert [book.number for book in runbooks.values()] == list(range(1, len(NAMES) + 1))


def test_a_check_that_does_not_exist_is_named() -> None:
    with pytest.raises(LookupError, match="disk_fans"):
        checks.load({"disk_fans": {"warn": 1}})


def test_helpers_are_no_checks() -> None:
    with pytest.raises(LookupError, match="_values"):
        checks.load({"_values": {}})


@pytest.mark.parametrize(
    ("field", "value"), [("warn_byte", 1), ("warn_bytes", "five"), ("warn_bytes", -1)]
)
def test_a_wrong_setting_is_named(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as wrong:
        checks.load({"db_growth": {field: value}})

    assert wrong.value.title == "CHECKS__DB_GROWTH"
    assert wrong.value.errors()[0]["loc"] == (field,)


def test_every_check_names_its_settings_in_its_mistakes() -> None:
    for name in NAMES:
        folder = name.removeprefix("check_")
        with pytest.raises(ValidationError) as wrong:
            checks.load({folder: {"nonsense": 1}})
        assert wrong.value.title == f"CHECKS__{folder.upper()}"


def test_values_arrive_as_text_from_the_environment() -> None:
    books = checks.load({"db_growth": {"warn_bytes": "6000000000", "interval_sec": "60"}})

    every = books["check_db_growth"].every
    assert every is not None
    assert every.total_seconds() == 60


def test_every_check_has_its_patience_from_the_environment() -> None:
    texts = {"for_sec": "120", "keep_sec": "300"}
    books = checks.load({name.removeprefix("check_"): texts for name in NAMES})
    patience = [(book.hold.total_seconds(), book.keep.total_seconds()) for book in books.values()]
    assert patience == [(120, 300)] * len(NAMES)


def test_every_check_has_its_switch() -> None:
    for said, enabled in (({}, True), ({"enabled": "false"}, False), ({"enabled": "on"}, True)):
        books = checks.load({name.removeprefix("check_"): said for name in NAMES})
        assert [one.enabled for one in books.values()] == [enabled] * len(NAMES)
    with pytest.raises(ValidationError, match="CHECKS__DB_GROWTH"):
        checks.load({"db_growth": {"enabled": "perhaps"}})


@pytest.mark.parametrize(
    ("check", "shared"),
    [
        ("api_latency_p95", Shared(slo_api_latency_p95_ms=-1)),
        ("ingest_success_rate", Shared(slo_ingest_success_rate_pct=-1)),
        ("scheduler_on_time", Shared(slo_scheduler_on_time_pct=-1)),
    ],
)
def test_shared_targets_reach_their_check(check: str, shared: Shared) -> None:
    with pytest.raises(ValidationError, match=f"CHECKS__{check.upper()}"):
        checks.load({}, shared)


def test_a_checks_own_setting_comes_before_the_shared_one() -> None:
    own = {"api_latency_p95": {"slo_api_latency_p95_ms": 500}}

    assert checks.load(own, Shared(slo_api_latency_p95_ms=-1))


@pytest.mark.parametrize("name", NAMES)
def test_a_line_of_a_runbook_is_read_at_a_glance(
    name: str, runbooks: dict[str, Runbook], templates: Templates
) -> None:
    words = f"{runbooks[name].folder}/runbook.html.j2"
    for block in ("about", *(one.name for one in runbooks[name].steps)):
        assert 10 <= len(plain(templates.block(words, block))) <= 260, block


@pytest.mark.parametrize("name", NAMES)
def test_a_check_says_what_it_sees_explains_and_repairs(name: str) -> None:
    module = __import__(f"checks.{name.removeprefix('check_')}", fromlist=["__doc__"])

    words = [line.split()[0] for line in (module.__doc__ or "").splitlines() if line.strip()]
    assert {"Sees", "Explains", "Repairs"} <= set(words)
