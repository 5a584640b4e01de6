"""What was done lately, as widely as it can be told."""

from dataclasses import replace
from datetime import timedelta

from bot.core.model import Facts, phrase
from bot.core.ports import Tx
from bot.core.records import Run, RunState
from tests.conftest import NOON
from tests.fakes import VACUUMED

LONG_NAME = "Konstantin Konstantinopolsky-Vasilevsky of the night shift & <co>"
UNIT: Facts = {"unit": "sovani-web-api", "detail": "active (running)", "memory_bytes": 512_000_000}


ACTIONS = (
    "remediate_clear_cache",
    "remediate_notify_admin",
    "remediate_restart_assistant",
    "remediate_restart_bot",
    "remediate_restart_scheduler",
    "remediate_restart_web",
    "remediate_vacuum_db",
)


def several(tx: Tx) -> None:
    """Runs 1 to 4: VACUUM helped, the web API restarted, the cache failed, Ann was too late."""
    began = NOON - timedelta(hours=3)
    vacuum = Run(
        id=0,
        key="1",
        action="remediate_vacuum_db",
        target="shop database",
        state=RunState.SUCCEEDED,
        asked_at=began,
        asked_by=1001,
        asked_name=LONG_NAME,
        confirmed_by=1001,
        confirmed_name=LONG_NAME,
        confirmed_at=began + timedelta(seconds=20),
        started_at=began + timedelta(seconds=21),
        finished_at=began + timedelta(seconds=59),
        after=VACUUMED,
    )
    tx.runs.add(vacuum)
    tx.runs.add(
        replace(
            vacuum,
            key="2",
            action="remediate_restart_web",
            asked_by=1002,
            asked_name="Boris",
            confirmed_by=1001,
            confirmed_name="Ann",
            before=UNIT,
            after={**UNIT, "memory_bytes": 98_000_000, "alive": "healthy"},
        )
    )
    tx.runs.add(
        replace(
            vacuum,
            key="3",
            action="remediate_clear_cache",
            state=RunState.FAILED,
            asked_by=None,
            asked_name="SoVAni Ops",
            confirmed_by=None,
            confirmed_name=None,
            confirmed_at=None,
            after={},
            why=phrase("admin_token_missing"),
        )
    )
    tx.runs.add(
        replace(
            vacuum,
            key="4",
            action="remediate_restart_bot",
            state=RunState.EXPIRED,
            confirmed_by=None,
            confirmed_name=None,
            confirmed_at=None,
            started_at=None,
        )
    )
