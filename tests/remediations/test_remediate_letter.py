"""A payout letter goes out with the numbers that were agreed to, and never for nothing."""

from dataclasses import replace
from datetime import date, timedelta

from bot.core.letters import Whom
from bot.core.model import Row
from bot.core.runbook import Refused
from bot.remediations.remediate_letter import remediation
from tests.remediations.fakes import JOB
from tests.remediations.test_remediate_notify_finance import Desk, Shop, office

Rows = list[Row]
LAST = date(2026, 11, 21)
WB = replace(JOB, args={"marketplace": "WB"})


def days(count: int, end: date) -> list[str]:
    return [(end - timedelta(days=ago)).isoformat() for ago in range(count - 1, -1, -1)]


def shop(balance: float, paid_until: int) -> Shop:
    """WB owes 1000 a day; nothing came in the last `paid_until` days."""
    flows: Rows = [
        {
            "day": day,
            "marketplace": "WB",
            "inflow_rub": 1000.0 if at < 28 - paid_until else 0.0,
            "outflow_rub": 0.0,
            "net_rub": 0.0,
        }
        for at, day in enumerate(days(28, LAST))
    ]
    due: Rows = [
        {"day": day, "marketplace": "WB", "due_rub": 1000.0}
        for day in days(28, LAST - timedelta(days=7))
    ]
    return Shop(
        {
            "answers/cash_last_day.sql.j2": [{"day": LAST.isoformat()}],
            "answers/cash_balances.sql.j2": [{"day": LAST.isoformat(), "balance_rub": balance}],
            "answers/cash_flows.sql.j2": flows,
            "answers/cash_due.sql.j2": due,
        }
    )


async def test_what_is_overdue_is_claimed() -> None:
    desk = Desk(where=("support@wb.example",))
    before = await remediation().preflight(office(desk, shop(-500.0, 5)), WB)
    assert isinstance(before, dict)
    assert before["missing_rub"] == 5000
    assert before["late_days"] == 5
    assert before["inflow_rub"] == 2000
    await remediation().act(office(desk, shop(-500.0, 5)), replace(WB, before=before))
    (letter,) = desk.sent
    assert letter.to is Whom.WB
    assert letter.values["claim"] == before
    assert letter.chat is None


async def test_nothing_due_and_no_server_are_refusals() -> None:
    calm = await remediation().preflight(office(Desk(), shop(500.0, 0)), WB)
    nowhere = await remediation().preflight(office(Desk(where=()), shop(-500.0, 5)), WB)
    assert isinstance(calm, Refused)
    assert isinstance(nowhere, Refused)
    assert [calm.why.key, nowhere.why.key] == ["letter_nothing_due", "letter_no_way"]
