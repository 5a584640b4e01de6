"""Lists as long and as wide as they may get: whatever there is, the answer fits a phone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core import people
from bot.core.contacts import parse as parse_contacts
from bot.core.model import Severity, Status, fires
from bot.core.records import Beat, Silence
from bot.core.rota import parse_rota
from bot.edges.schedules import parse as parse_jobs
from bot.edges.store.tx import SqlTx
from tests import wide
from tests.conftest import NOON
from tests.paper import fits
from tests.questions import scene
from tests.questions.conftest import ANN, Room

MANY = 300
NAME = "Константин Константинопольский-Васильев <&>"
JOB = "backup-of-the-whole-shop-to-the-other-side-o"
MINUTE = timedelta(minutes=1)


def subject(number: int) -> str:
    return f"{wide.article(number)} {wide.MARKET} <b>&"


def beats(tx: SqlTx) -> None:
    for number in range(MANY):
        began = NOON - timedelta(hours=23, minutes=number % 60)
        ran = Beat(job=f"{JOB}-{number}", since=began, ok_at=began, took_seconds=86_340)
        failed = replace(ran, failed_at=NOON, started_at=None)
        runs = replace(ran, started_at=began)
        tx.beats.save((ran, failed, runs)[number % 3])


def silences(tx: SqlTx) -> None:
    for number in range(MANY):
        tx.silences.add(
            Silence(
                id=0,
                check="check_commission_outliers",
                subject=subject(number),
                severity=Severity.CRITICAL,
                by_name=NAME,
                why=wide.CATEGORY,
                created_at=NOON,
                until=NOON + timedelta(days=6),
            )
        )


def alerts(tx: SqlTx) -> None:
    severities = list(Severity)
    for number in range(MANY):
        facts = {**scene.WRONG, "at_stake_rub": wide.SUM, "outliers": 123_456_789}
        seen = fires(subject(number), severities[number % 4], **facts)
        tx.alerts.add("check_commission_outliers", seen, NOON - number * MINUTE)


def firing(tx: SqlTx) -> None:
    severities = list(Severity)
    facts: dict[str, Any] = {**scene.WRONG, "at_stake_rub": wide.SUM, "outliers": 123_456_789}
    seen = [fires(subject(n), severities[n % 4], **facts) for n in range(MANY)]
    tx.checks.save(scene.state("check_commission_outliers", Status.FIRING, *seen))


def everybody(tx: SqlTx) -> None:
    for number in range(MANY):
        people.seen(tx, replace(ANN, id=1001 + number, name=NAME), NOON)


@pytest.fixture
async def crowd(room: Room) -> Room:
    """As much of everything as there may be."""
    for write in (beats, silences, alerts, firing, everybody, scene.answered):
        await room.store.write(write)
    jobs = ";".join(f"{JOB}-{number}=@daily+2h" for number in range(MANY))
    rota = ";".join(f"{1001 + n} Mon-Fri {n % 24:02}:00-{(n + 1) % 24:02}:00" for n in range(99))
    contacts = ";".join(
        f"{wide.MARKET} и все остальные отделы {n} = the.{n}@company.example" for n in range(30)
    )
    policy = replace(room.book.policy, rota=parse_rota(rota), contacts=parse_contacts(contacts))
    zone = room.book.policy.zone
    plans = {one.job: one.plan(zone) for one in parse_jobs(jobs)}
    room.book = replace(room.book, policy=policy, beats=plans)
    room.shop.measured = scene.LARGE
    return room


@pytest.mark.parametrize(
    "asked",
    [
        "alerts",
        "alert 1",
        "beats",
        "brief",
        "checks",
        "contacts",
        "history",
        "oncall",
        "response 90",
        "runbook 4",
        "schedule",
        "schedule checks",
        "schedule jobs",
        "silences",
        "status",
        "whoami",
    ],
)
async def test_it_fits_however_much_there_is(crowd: Room, asked: str) -> None:
    page = await crowd.ask(asked)
    fits(crowd.templates.render(page.template, **page.values), page.keys)
