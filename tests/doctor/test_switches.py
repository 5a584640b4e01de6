"""What is switched off is said, and not examined."""

from pathlib import Path

from bot.doctor import shop_database, switches
from tests.checks.shop import Shop
from tests.doctor.patient import case, told

OFF = {"cash_balance_threshold": {"enabled": "false"}, "token_expiry": {"enabled": "no"}}


async def test_each_that_is_off_has_its_line(tmp_path: Path) -> None:
    lines = [told(one) for one in await switches.examine(case(tmp_path, checks=OFF))]
    assert [line[:3] for line in lines] == [
        (
            "Check cash_balance_threshold",
            "skipped",
            "Switched off by CHECKS__CASH_BALANCE_THRESHOLD__ENABLED.",
        ),
        ("Check token_expiry", "skipped", "Switched off by CHECKS__TOKEN_EXPIRY__ENABLED."),
    ]


async def test_where_all_are_on_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert await switches.examine(case(tmp_path)) == []


async def test_what_it_would_need_is_not_asked_for(tmp_path: Path) -> None:
    Shop(tmp_path / "shop.db").run("DROP VIEW vw_cashflow_daily")
    lines = [told(one) for one in await shop_database.examine(case(tmp_path, checks=OFF))]
    assert "Data for cash_balance_threshold" not in {line[0] for line in lines}
    assert {line[1] for line in lines} == {"ok"}
