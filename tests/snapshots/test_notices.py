"""Notices, storms and digests: every template of them, on an alert as wide as there is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.core.model import Facts, Severity, State, fires, phrase
from bot.core.ports import Tx
from bot.core.records import Post, PostKind, Run, RunState
from bot.edges.fallback import Undelivered
from bot.edges.templates import FOLDER
from bot.schedules import rule_news
from tests import wide
from tests.conftest import TEAM
from tests.paper import nothing_else
from tests.questions.scene import FULL, POOR, WRONG
from tests.snapshots.stage import LONG_NAME, Stage

KEPT = Path(__file__).with_name("notices")
CASH = "check_cash_balance_threshold"
WIDE = {**POOR, "balance_rub": -wide.SUM * 10}
NOTICES = sorted(one.name.removesuffix(".html.j2") for one in (FOLDER / "notices").glob("*.j2"))
ELSEWHERE = {"finance"}  # a letter, kept with its action
CONTEXTS: dict[str, Facts] = {
    "chat_broken": {"chat": "-1002003004005", "reason": "Forbidden: bot was kicked", "alerts": 12},
    "notify_admin": {"asked_by": LONG_NAME},
    "report": {"text": "<b>The month's report</b>"},
    "rises": {"before": "warning"},
    "run_over": {"run": 1},
    "run_trouble": {"run": 1},
}
OF_STORM = ("joined", "reminder", "escalated", "released", "rises")


def notice(name: str, alert_id: int | None, now: datetime, **more: object) -> Post:
    post = Post(
        id=0,
        kind=PostKind.NOTICE,
        chat_id=TEAM.chat,
        alert_id=alert_id,
        template=f"notices/{name}.html.j2",
        context=CONTEXTS.get(name, {}),
        created_at=now,
    )
    return replace(post, **more)  # type: ignore[arg-type]  # a test's own fields


def broken(tx: Tx, now: datetime) -> None:
    """A run of each kind of trouble can be told of; number 1 has failed."""
    tx.runs.add(
        Run(
            id=0,
            key="1",
            action="remediate_vacuum_db",
            target="shop database",
            state=RunState.FAILED,
            asked_at=now,
            asked_by=1001,
            asked_name=LONG_NAME,
            started_at=now,
            finished_at=now + timedelta(minutes=5),
            why=phrase("action_too_slow", minutes=5),
        )
    )


@pytest.mark.parametrize("name", [one for one in NOTICES if one not in {*ELSEWHERE, "storm"}])
async def test_a_notice_reads_as_it_should(name: str, stage: Stage) -> None:
    await stage.sees(CASH, fires("cash balance", Severity.CRITICAL, **WIDE))
    await stage.write(broken)
    alert = await stage.alert(CASH, "cash balance")
    stage.clock.forward(hours=27, minutes=5)
    if name == "resolved":
        alert = await stage.takes(alert)
        now = stage.clock()
        alert = await stage.changed(alert, state=State.RESOLVED, resolved_at=now)
    await stage.show(name, notice(name, alert.id, stage.clock()))
    if name == "reminder":
        await stage.takes(alert)
        stage.clock.forward(hours=4)
        await stage.show("reminder of whoever took it", notice(name, alert.id, stage.clock()))
    if name in {"run_trouble", "run_over"}:
        for state in (RunState.NOT_VERIFIED, RunState.INTERRUPTED):
            await stage.write(partial(changed, state=state))
            await stage.show(f"{name}: {state}", notice(name, alert.id, stage.clock()))
    if name == "chat_broken":
        for alerts in (0, 1):
            context = {**CONTEXTS[name], "alerts": alerts}
            post = notice(name, None, stage.clock(), context=context)
            await stage.show(f"{alerts} alerts", post)
    stage.sheet.held(KEPT / f"{name}.html")


def changed(tx: Tx, _now: datetime, *, state: RunState) -> None:
    run = tx.runs.get(1)
    assert run is not None
    after = {"before_bytes": 9e12, "after_bytes": 8e12, "seconds": 3599, "space_returned": False}
    moved = replace(run, state=state, why=None, after=after)
    assert tx.runs.move(moved, frm=run.state)


async def test_a_storm_reads_as_it_should(stage: Stage) -> None:
    storm = await stage.write(lambda tx, now: crowd(tx, now, PostKind.STORM))
    await stage.show("a storm", storm)
    worst = await stage.alert(CASH, "cash 0")
    for what in OF_STORM:
        context: Facts = {"what": what}
        post = notice("storm", worst.id, stage.clock(), reply_to=storm.id, context=context)
        await stage.show(f"under it: {what}", post)
    stage.clock.forward(minutes=30)
    for alert in await stage.store.read(lambda tx: list(tx.alerts.newest(99))):
        now = stage.clock()
        await stage.changed(alert, state=State.RESOLVED, resolved_at=now, proof=alert.facts)
        if alert.subject == "OZON 0":
            await stage.show("going over", storm)
    await stage.show("over", storm)
    digest = await stage.write(shared)
    await stage.show("a digest", digest)
    stage.sheet.held(KEPT / "storm.html")


def crowd(tx: Tx, now: datetime, kind: PostKind) -> Post:
    """Sixty alerts of three checks within a minute, some of them taken."""
    storm = tx.posts.add(Post(id=0, kind=kind, chat_id=TEAM.chat, created_at=now))
    assert storm is not None
    for n in range(20):
        for check, subject, severity, facts in (
            (CASH, f"cash {n}", Severity.CRITICAL, WIDE),
            ("check_commission_outliers", f"OZON {n}", Severity.WARNING, WRONG),
            ("check_db_growth", f"database {n}", Severity.ERROR, FULL),
        ):
            alert = tx.alerts.add(check, fires(subject, severity, **facts), now)
            if n == 1:
                tx.alerts.save(replace(alert, state=State.ACKNOWLEDGED, acknowledged_by=LONG_NAME))
            tx.posts.join(storm.id, alert.id)
    return storm


def shared(tx: Tx, now: datetime) -> Post:
    since = (now - timedelta(hours=20)).isoformat()
    digest = Post(
        id=0,
        kind=PostKind.DIGEST,
        chat_id=TEAM.chat,
        created_at=now,
        context={"since": since},
    )
    made = tx.posts.add(digest)
    assert made is not None
    tx.posts.join(made.id, *(alert.id for alert in tx.alerts.newest(99)))
    return made


async def test_what_goes_by_mail_reads_as_it_should(stage: Stage) -> None:
    one = Undelivered(
        alert_id=12,
        check=CASH,
        subject="cash balance",
        severity="critical",
        headline="Cash balance is -1 234 567 890 124 ₽, the limit is -10 000 ₽",
        opened_at=stage.clock() - timedelta(days=2),
        reason="",
    )
    for name, alerts in (("one", [one]), ("many", [one, replace(one, reason="Forbidden")])):
        text = stage.cards.templates.render("undelivered.txt.j2", alerts=alerts)
        stage.sheet.add(name, text)
    stage.sheet.held(KEPT / "undelivered.html")


def test_the_reminder_of_the_calendar_reads_as_it_should(stage: Stage) -> None:
    told = {"": (None, 0), " with differences": (1_234, 56), " that agree": (12, 0)}
    for name, (rules, differ) in told.items():
        html = stage.cards.templates.render(
            "answers/rule_news.html.j2", news=rule_news.NEWS, rules=rules, differ=differ
        )
        stage.sheet.add(f"rule news{name}", html)
    stage.sheet.held(KEPT / "rule_news.html")


def test_a_vacuum_that_is_put_off_reads_as_it_should(stage: Stage) -> None:
    way = phrase("job_at_work", jobs=["recalc_recent_metrics"], at="2026-12-01T20:06:00+00:00")
    over = phrase("vacuum_given_up", most=4)
    told = {
        "until the next window": (way, datetime(2026, 12, 1, 23, 30, tzinfo=UTC), None),
        "for good": (over, None, phrase("vacuum_busy", writers=["python3 (pid 4321)"])),
    }
    for name, (why, until, last) in told.items():
        html = stage.cards.templates.render(
            "answers/vacuum_put_off.html.j2", why=why, until=until, last=last
        )
        stage.sheet.add(name, html)
    stage.sheet.held(KEPT / "vacuum_put_off.html")


def test_nothing_is_kept_of_what_is_gone() -> None:
    nothing_else(KEPT, [*set(NOTICES) - ELSEWHERE, "rule_news", "undelivered", "vacuum_put_off"])
