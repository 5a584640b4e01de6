"""How large the shop's database is, who holds it, what grows, and what VACUUM would free."""

from bot.core.keyboard import Key
from bot.core.machine import Storage
from bot.core.model import Phrase, Unreadable
from bot.core.params import days
from bot.core.question import Asking, Command, Page
from bot.core.verbs import Verb
from bot.questions import _growth
from bot.questions._doing import doing
from bot.questions._states import view
from bot.questions._values import number

MOST_TABLES, MOST_BACKUPS, MOST_HOLDERS = 8, 4, 4


def command() -> Command:
    return Command(
        name="db",
        about="Database: size, free pages, disk, tables, growth",
        read=read,
        place=60,
        params=[days(30)],
        runbooks=[1, 5],
    )


async def read(asking: Asking) -> Page:
    runbook = asking.book.runbooks["check_db_growth"]
    facts = await runbook.diagnose.read(asking.tools, asking.moment)
    state = await asking.store.read(lambda tx: tx.checks.get(runbook.name))
    stored, trouble = await stored_at(asking)
    limits = asking.book.runbooks["check_db_connections"].details["limits"]
    return Page(
        template="answers/db.html.j2",
        values={
            **facts,
            "page": runbook.diagnose.template,
            "check": view(asking, runbook, state),
            "stored": stored,
            "trouble": trouble,
            "crowded_from": (await limits(asking.tools, asking.moment))["warn_pct"],
            "most": {"tables": MOST_TABLES, "backups": MOST_BACKUPS, "holders": MOST_HOLDERS},
        },
        keys=[
            *[row for row in [doing(asking, "remediate_vacuum_db")] if row],
            [Key("Refresh", Verb.ASK, "db"), Key("Machine", Verb.ASK, "host")],
            [
                Key("Ready for PostgreSQL?", Verb.ASK, "postgres"),
                Key("Archives", Verb.ASK, "archives"),
            ],
        ],
        chart=await _growth.chart(asking, asking.number("days"), number(facts["limit_bytes"])),
    )


async def stored_at(asking: Asking) -> tuple[Storage | None, Phrase | None]:
    """The size alone is worth an answer."""
    try:
        return await asking.tools.storage.storage(), None
    except Unreadable as unreadable:
        return None, unreadable.why
