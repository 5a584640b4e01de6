"""Write to finance how the cash stands, with the tables.

Changes   nothing but what people know; one letter a decision, by its Message-ID.
Refuses   where no setting says who finance is, or nothing can be read.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.core import owed
from bot.core.job import Job
from bot.core.letters import Letter, Whom
from bot.core.model import Facts, Json, Row, Unreadable, phrase
from bot.core.runbook import ActionFailed, Refused, Remediation
from bot.core.tools import ActionTools
from bot.core.values import number

DAYS = 7
MOST = 1000  # outliers in the file; their worst are the first
SHOWN = 5  # of them in the text
OUTLIER_NEEDS = {
    "vw_commission_recon": [
        "d",
        "marketplace",
        "article",
        "sku_id",
        "actual_commission",
        "calc_commission",
        "delta_pct",
        "flag_outlier",
    ]
}


def remediation() -> Remediation:
    return Remediation(
        name="remediate_notify_finance",
        label="Notify finance",
        target="finance",
        command="notify_finance",
        about="Write to finance: cash, flows and outliers of 7 days as files",
        place=75,
        preflight=preflight,
        act=act,
        timeout=timedelta(minutes=3),
        settle=timedelta(0),
        verified_by_check=False,
    )


async def preflight(tools: ActionTools, job: Job) -> Facts | Refused:
    ways = tools.letters.ways(Whom.FINANCE)
    if not ways:
        return Refused(phrase("letter_no_finance"))
    tables, _ = await _tables(tools, job)
    if not any(tables.values()):
        return Refused(phrase("letter_nothing_to_tell"))
    return {"to": list(ways), "rows": {name: len(rows) for name, rows in tables.items()}}


async def act(tools: ActionTools, job: Job) -> Facts:
    tables, missing = await _tables(tools, job)
    filled = {name: rows for name, rows in tables.items() if rows}
    if not filled:
        raise ActionFailed(phrase("letter_nothing_to_tell"))
    letter = Letter(
        to=Whom.FINANCE,
        template="letters/finance.txt.j2",
        chat="notices/finance.html.j2",
        values={
            "days": DAYS,
            "today": job.moment.today.isoformat(),
            "balances": tables["cash"],
            "flows": _by_marketplace(tables["flows"]),
            "outliers": tables["outliers"][:SHOWN],
            "outliers_total": len(tables["outliers"]),
            "missing": missing,
            "by": job.who.name if job.who else None,
            "number": job.alert.id if job.alert else None,
        },
        tables={f"{name}-{job.moment.today}": rows for name, rows in filled.items()},
        key=job.key,
    )
    sent = await tools.letters.send(letter)
    return {**sent, "files": len(filled), "missing": missing}


async def _tables(tools: ActionTools, job: Job) -> tuple[dict[str, Sequence[Row]], list[str]]:
    """Cash, flows and outliers; what cannot be read is named and stops nothing else."""
    week = {
        "since": (job.moment.today - timedelta(days=DAYS)).isoformat(),
        "until": (job.moment.today + timedelta(days=1)).isoformat(),
    }
    wanted: dict[str, tuple[str, Mapping[str, Sequence[str]], dict[str, int | str]]] = {
        "cash": (
            "answers/cash_balances.sql.j2",
            {"vw_cashflow_daily": owed.NEEDS["vw_cashflow_daily"]},
            {},
        ),
        "flows": (
            "answers/cash_flows.sql.j2",
            {"cashflow_daily": owed.NEEDS["cashflow_daily"]},
            {},
        ),
        "outliers": (
            "answers/outliers.sql.j2",
            OUTLIER_NEEDS,
            {"top": MOST, "skip": 0, "sku": ""},
        ),
    }
    found: dict[str, Sequence[Row]] = {}
    missing: list[str] = []
    for name, (query, needs, more) in wanted.items():
        try:
            await tools.shop.require(needs)
            found[name] = await tools.shop.rows(query, **week, **more)
        except Unreadable:
            found[name] = []
            missing.append(name)
    return found, missing


def _by_marketplace(rows: Sequence[Row]) -> list[dict[str, Json]]:
    """What came and went in these days."""
    sums: dict[str, dict[str, float]] = {}
    for row in rows:
        one = sums.setdefault(str(row["marketplace"]), {"inflow_rub": 0.0, "outflow_rub": 0.0})
        for name in one:
            one[name] += number(row[name]) or 0.0
    return [{"marketplace": name, **one} for name, one in sorted(sums.items())]
