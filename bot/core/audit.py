"""What a run does by itself leaves its rows in the audit log, as every tap does."""

from datetime import datetime

from bot.core.model import Person
from bot.core.ports import Tx
from bot.core.records import Run


def step(tx: Tx, run: Run, now: datetime) -> None:
    """One row of the audit log for each step of a run."""
    who = Person(id=run.asked_by or 0, name=run.asked_name)
    words = [f"run:{run.id}", run.action, *map(str, run.args.values())]
    did = " ".join(words)[:200]
    tx.audit.write(now=now, who=who, chat_id=run.chat_id or 0, did=did, verdict=run.state)
