"""What finance is told, and when it is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.core.letters import Letter, Whom
from bot.core.model import Facts, Row, Scalar, Unreadable, phrase
from bot.core.runbook import Refused
from bot.core.tools import ActionTools
from bot.remediations.remediate_notify_finance import remediation
from tests.remediations.fakes import JOB, KEY, alert, tools

CASH: list[Row] = [{"day": "2026-11-21", "balance_rub": -15_000.0}]


@dataclass
class Desk:
    """Keeps the letters."""

    where: tuple[str, ...] = ("finance@shop.example",)
    sent: list[Letter] = field(default_factory=list)
    payout_days: int = 7

    def ways(self, to: Whom) -> tuple[str, ...]:
        del to
        return self.where

    async def send(self, letter: Letter) -> Facts:
        self.sent.append(letter)
        return {"mail": "finance@shop.example", "chat": None, "trouble": None}


@dataclass
class Shop:
    answers: Mapping[str, Sequence[Row]]
    missing: str = ""

    async def require(self, needs: dict[str, Any]) -> None:
        if self.missing in needs:
            raise Unreadable(phrase("shop_missing_column", column=self.missing))

    async def rows(self, query: str, /, **_binds: Scalar) -> Sequence[Row]:
        return self.answers.get(query, [])


def office(desk: Desk, shop: Shop) -> ActionTools:
    return replace(tools(shop=shop), letters=desk)


async def test_the_letter_is_bound_to_the_decision_and_names_what_it_lacks() -> None:
    desk, action = Desk(), remediation()
    shop = Shop({"answers/cash_balances.sql.j2": CASH}, missing="vw_commission_recon")
    job = replace(JOB, alert=alert())
    before = await action.preflight(office(desk, shop), job)
    assert before == {
        "to": ["finance@shop.example"],
        "rows": {"cash": 1, "flows": 0, "outliers": 0},
    }
    after = await action.act(office(desk, shop), job)
    (letter,) = desk.sent
    assert letter.key == KEY
    assert letter.to is Whom.FINANCE
    assert list(letter.tables) == ["cash-2026-11-22"]
    assert letter.values["missing"] == ["outliers"]
    assert letter.values["number"] == 7
    assert after["files"] == 1


async def test_it_refuses_where_nobody_is_finance_or_there_is_nothing_to_tell() -> None:
    action = remediation()
    nobody = await action.preflight(office(Desk(where=()), Shop({})), JOB)
    nothing = await action.preflight(office(Desk(), Shop({})), JOB)
    assert isinstance(nobody, Refused)
    assert isinstance(nothing, Refused)
    assert [nobody.why.key, nothing.why.key] == ["letter_no_finance", "letter_nothing_to_tell"]
