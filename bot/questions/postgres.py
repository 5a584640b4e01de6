"""Whether it is time to move the shop's database to PostgreSQL, and what stands in the way."""

from datetime import timedelta

from bot.core import portability
from bot.core.keyboard import Key
from bot.core.machine import LogLines
from bot.core.model import Unreadable
from bot.core.question import Asking, Command, Page
from bot.core.verbs import Verb
from bot.questions._services import LOG_LINES, SHOP

LOCKED = "database is locked"
A_DAY = timedelta(days=1)
SOON = 0.5  # of the practical limit
SOON_DAYS = 120
OFTEN = 10  # refused writes a day
MOST = 8  # blockers shown


def command() -> Command:
    return Command(
        name="postgres",
        about="Is it time to move the database to PostgreSQL?",
        read=read,
        place=61,
        runbooks=[5],
    )


async def read(asking: Asking) -> Page:
    runbook = asking.book.runbooks["check_db_growth"]
    facts = await runbook.diagnose.read(asking.tools, asking.moment)
    stored = await asking.tools.storage.storage(tables=False)
    moved = stored.dialect != "sqlite"
    logs = [] if moved else await _logs(asking)
    locked = sum(LOCKED in line.text for log in logs for line in log.lines) if logs else None
    found = [] if moved else await _blockers(asking)
    total, limit, days = (facts[name] for name in ("total_bytes", "limit_bytes", "days_to_limit"))
    assert isinstance(total, int | float)  # noqa: S101  # facts of our own check
    assert isinstance(limit, int | float)  # noqa: S101  # likewise
    large = total > SOON * limit or (isinstance(days, int | float) and days < SOON_DAYS)
    plan = [] if moved else [Key("Migration plan", Verb.ASK, "steps 5")]
    return Page(
        template="answers/postgres.html.j2",
        values={
            **facts,
            "stored": stored,
            "moved": moved,
            "locked": locked,
            "torn": [log for log in logs if log.cut],
            "large": large,
            "crowded": locked is not None and locked >= OFTEN,
            "blockers": found,
            "most": MOST,
        },
        keys=[[Key("Database", Verb.ASK, "db"), *plan]],
    )


async def _logs(asking: Asking) -> list[LogLines]:
    """What the services of the shop have said in a day, as far as it can be read."""
    since = asking.moment.now - A_DAY
    logs = []
    for service in SHOP:
        try:
            logs.append(await asking.tools.logs.lines(service, since, most=LOG_LINES))
        except Unreadable:
            continue
    return logs


async def _blockers(asking: Asking) -> list[portability.Blocker]:
    return portability.blockers(await asking.tools.shop.rows("shop/sqlite_schema.sql.j2"))
