"""How large the shop's database is, and what VACUUM would free."""

from bot.core.question import Asking, Command, Page
from bot.questions._states import view


def command() -> Command:
    return Command(
        name="db",
        about="Database: size, free pages, disk, growth",
        read=read,
        place=60,
        runbooks=[5],
    )


async def read(asking: Asking) -> Page:
    runbook = asking.book.runbooks["check_db_growth"]
    facts = await runbook.diagnose.read(asking.tools, asking.moment)
    state = await asking.store.read(lambda tx: tx.checks.get(runbook.name))
    return Page(
        template="answers/db.html.j2",
        values={**facts, "page": runbook.diagnose.template, "check": view(asking, runbook, state)},
    )
