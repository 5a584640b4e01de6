"""Commission rules of a marketplace with their history: what held when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.core import rate_log, rule_days
from bot.core.model import Row, Unreadable, phrase
from bot.core.paging import turn
from bot.core.params import Param, marketplace
from bot.core.question import Asking, Command, Page
from bot.core.records import Run
from bot.core.rule_days import Ends
from bot.questions._values import number, text

TABLE = "commission_rules"
NEEDS = {
    TABLE: [
        "marketplace",
        "category",
        "rate_pct",
        "fixed_per_unit",
        "effective_from",
        "effective_until",
    ]
}
LATER = ("dt_from", "rule_json")  # columns of releases that keep rules otherwise
CATEGORIES = 8  # on a page
HISTORY = 6  # rules of one category
MOST = 20_000
EVER = timedelta(days=36_500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    rate_pct: float | None
    fixed_rub: float | None
    since: str
    until: str  # its last day; "" where it has none
    by: str  # "" where it was not made through the assistant
    now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    name: str
    rules: Sequence[Rule]


def command() -> Command:
    return Command(
        name="rules",
        about="Commission rules of WB or OZON with their history, of one category or all",
        read=read,
        table=table,
        params=[marketplace(), Param(name="category", default="", rest=True)],
        runbooks=[4],
        needs=NEEDS,
        place=51,
    )


async def read(asking: Asking) -> Page:
    rows = await table(asking)
    found = grouped(rows, asking.moment.today.isoformat())
    page = turn(asking.page, total=len(found), size=CATEGORIES)
    said = " ".join(["rules", asking.word("marketplace"), asking.word("category")]).strip()
    keys = page.keys_through(said)
    return Page(
        template="answers/rules.html.j2",
        values={
            "marketplace": asking.word("marketplace"),
            "category": asking.word("category"),
            "categories": page.of(found),
            "total": len(found),
            "history": HISTORY,
            "number": page.number,
            "count": page.count,
        },
        keys=[keys] if keys else [],
        files=bool(rows),
    )


async def table(asking: Asking) -> Sequence[Row]:
    """All rules, those of a category by any part of its name; the newest of each first.

    `by` None: not made through the assistant, and the shop's table does not say by whom.
    `until` is the last day of a rule, whichever way the shop keeps it.
    """
    try:
        await asking.tools.shop.require(NEEDS)
    except Unreadable:
        schema = await asking.tools.shop.schema(TABLE)
        has = {one.name.lower() for one in schema.columns}
        if has.issuperset(LATER):
            raise Unreadable(phrase("rules_of_later", columns=list(LATER))) from None
        raise
    rows = await asking.tools.shop.rows(
        "answers/rules.sql.j2", marketplace=asking.word("marketplace"), top=MOST
    )
    ends = await rule_days.read(asking.tools.shop)
    wanted = asking.word("category").casefold()
    found = [
        {**row, "marketplace": asking.word("marketplace")}
        for row in rows
        if wanted in text(row["category"]).casefold()
    ]
    by = rate_log.authors(await _runs(asking), found)
    return [
        {**row, "until": _last_day(text(row["until"]), ends), "by": who}
        for row, who in zip(found, by, strict=True)
    ]


async def _runs(asking: Asking) -> Sequence[Run]:
    """All changes of rates that are kept."""
    actions, ever = (rate_log.CHANGE, rate_log.UNDO), asking.moment.now - EVER
    return await asking.store.read(lambda tx: tx.runs.of_actions(actions, ever))


def _last_day(until: str, ends: Ends) -> str:
    try:
        return ends.last_day(date.fromisoformat(until)).isoformat()
    except ValueError:  # none, or no day
        return until


def grouped(rows: Sequence[Row], today: str) -> list[Category]:
    """By category, in the order of the rows."""
    groups: dict[str, list[Rule]] = {}
    for row in rows:
        since, until = text(row["since"]), text(row["until"])
        rule = Rule(
            rate_pct=number(row["rate_pct"]),
            fixed_rub=number(row["fixed_rub"]) or None,
            since=since,
            until=until,
            by=text(row["by"]),
            now="" < since <= today and (not until or today <= until),
        )
        groups.setdefault(text(row["category"]), []).append(rule)
    return [Category(name=name, rules=rules) for name, rules in groups.items()]
