"""The assistant's own figures: what they count, what they never show, and their form."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.commands.build import open_tools
from bot.core import desk_alerts, slo
from bot.core.book import Book
from bot.core.model import Alert, Person, Severity, Status, fires
from bot.core.ports import Tx
from bot.core.press import Hand
from bot.core.records import ENDS, Run, RunState
from bot.core.runbook import Runbook
from bot.core.slo import Budget, Level, Tally
from bot.core.todo import Item, ItemState
from bot.core.watch import record
from bot.edges.exposition import Exposition
from bot.edges.metrics import Metrics
from bot.edges.store import SqlStore
from tests.conftest import NOON, Clock
from tests.doctor.patient import settings

DOCUMENT = (Path(__file__).parents[2] / "docs/metrics.md").read_text(encoding="utf-8")
DEPLOY = Path(__file__).parents[2] / "deploy"
BORIS = Person(id=8, name="Boris")
STEP = Item(
    id=0,
    text="call",
    chat_id=1,
    created_at=NOON,
    created_by="Boris",
    created_id=8,
    due_at=NOON,
    remind_at=NOON,
)


def level(pct_good: float) -> Level:
    tally = Tally(good=pct_good, bad=100 - pct_good)
    return Level(
        name="ingest",
        title="Data collection",
        target_pct=99,
        tally=tally,
        subjects={},
        budget=Budget(allowed=1, used=100 - pct_good),
        burns=[],
        left_by_day=[],
    )


def promtool(*words: str, given: str = "") -> tuple[int, str]:
    """Ask Prometheus' own linter; its exit code and all that it says."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    done = subprocess.run(
        [program, "check", *words],
        input=given,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


class Reader:
    """Scrapes and keeps the samples by name and labels."""

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self.found: list[Level] = [level(99.5)]
        self.metrics = Metrics()
        self.exposition = Exposition(
            metrics=self.metrics,
            store=store,
            levels=self._levels,
            clock=clock,
            undelivered=lambda: 3,
            monotonic=lambda: clock().timestamp(),
        )

    async def _levels(self) -> Sequence[Level]:
        if not self.found:
            raise OSError("the shop is away")
        return self.found

    async def text(self) -> str:
        return (await self.exposition.render()).decode()

    async def value(self, name: str, **labels: str) -> float | None:
        for family in text_string_to_metric_families(await self.text()):
            for sample in family.samples:
                if sample.name == f"sovani_ops_{name}" and sample.labels == labels:
                    return sample.value
        return None


@pytest.fixture
async def reader(store: SqlStore, clock: Clock) -> Reader:
    made = Reader(store, clock)
    await made.exposition.begin()
    return made


async def firing(store: SqlStore, book: Book, runbook: Runbook, clock: Clock) -> Alert:
    seen = [fires("shop", Severity.ERROR)]
    await store.write(lambda tx: record(tx, book, runbook, seen, clock()))
    return (await store.read(lambda tx: tx.alerts.open()))[0]


async def test_open_alerts_are_counted_and_those_that_are_over_are_not(
    reader: Reader, store: SqlStore, book: Book, runbook: Runbook, clock: Clock
) -> None:
    await firing(store, book, runbook, clock)
    assert await reader.value("alerts", severity="error", state="firing") == 1
    await store.write(lambda tx: book.resolve(tx, tx.alerts.open()[0], clock(), proof={}))
    assert await reader.value("alerts", severity="error", state="firing") is None
    assert await reader.value("alert_events_total", event="resolved") == 1


async def test_the_time_to_the_first_answer_is_measured_once(
    reader: Reader, store: SqlStore, book: Book, runbook: Runbook, clock: Clock
) -> None:
    alert = await firing(store, book, runbook, clock)
    clock.forward(minutes=4)

    def take(tx: Tx) -> None:
        hand = Hand(tx, book, BORIS, clock())
        desk_alerts.acknowledge(hand, alert)

    await store.write(take)
    for _ in range(2):
        assert await reader.value("time_to_acknowledge_seconds_sum", severity="error") == 240
        assert await reader.value("time_to_acknowledge_seconds_count", severity="error") == 1


async def test_ends_of_remediations_are_counted_once(
    reader: Reader, store: SqlStore, clock: Clock
) -> None:
    run = Run(
        id=0,
        key="k",
        action="remediate_vacuum_db",
        target="shop database",
        state=RunState.RUNNING,
        asked_at=NOON,
        asked_name="Ann",
    )
    made = await store.write(lambda tx: tx.runs.add(run))
    assert made is not None
    assert await reader.value("queue_size", queue="remediations") == 1
    clock.forward(seconds=5)
    done = replace(made, state=RunState.SUCCEEDED, finished_at=clock())
    await store.write(lambda tx: tx.runs.move(done, frm=RunState.RUNNING))
    for _ in range(2):
        ends = {"action": "remediate_vacuum_db", "outcome": "succeeded"}
        assert await reader.value("remediations_total", **ends) == 1
    assert await reader.value("queue_size", queue="remediations") == 0


async def test_steps_of_people_are_counted_while_they_are_open(
    reader: Reader, store: SqlStore, clock: Clock
) -> None:
    def add(tx: Tx) -> None:
        tx.todos.add(STEP, key="1")
        tx.todos.add(replace(STEP, due_at=NOON + timedelta(hours=1)), key="2")
        tx.todos.add(replace(STEP, state=ItemState.DONE, ended_at=NOON), key="3")

    await store.write(add)
    assert await reader.value("todo_items", state="open") == 2
    assert await reader.value("todo_items", state="overdue") == 1
    clock.forward(hours=1)
    assert await reader.value("todo_items", state="overdue") == 2


async def test_what_happened_before_the_start_is_not_counted_again(
    store: SqlStore, book: Book, runbook: Runbook, clock: Clock
) -> None:
    await firing(store, book, runbook, clock)
    reader = Reader(store, clock)
    await reader.exposition.begin()
    assert await reader.value("alert_events_total", event="opened") is None
    assert await reader.value("alerts", severity="error", state="firing") == 1


async def test_a_service_level_that_cannot_be_read_has_no_figure(
    reader: Reader, clock: Clock
) -> None:
    assert await reader.value("slo_compliance_ratio", slo="ingest") == 0.995
    assert await reader.value("slo_error_budget_remaining_ratio", slo="ingest") == 0.5
    reader.found = []
    clock.forward(minutes=6)
    assert await reader.value("slo_compliance_ratio", slo="ingest") is None
    reader.found = [replace(level(0), tally=slo.Tally(unknown=1))]
    clock.forward(minutes=6)
    assert await reader.value("slo_compliance_ratio", slo="ingest") is None
    assert await reader.value("slo_target_ratio", slo="ingest") == 0.99


async def test_every_figure_is_documented_and_no_figure_is_invented(reader: Reader) -> None:
    names = {family.name for family in reader.metrics.registry.collect()}
    documented = {
        line.split("`")[1].removesuffix("_total")
        for line in DOCUMENT.splitlines()
        if line.startswith("| `sovani_ops_")
    }
    assert names == documented


async def test_prometheus_own_linter_has_nothing_to_say(reader: Reader) -> None:
    reader.metrics.round("check_db_growth", Status.OK, 0.2)
    reader.metrics.delivery("card", "sent", 0.1)
    reader.metrics.telegram_errors.labels("SendMessage", "TelegramNetworkError").inc()
    assert promtool("metrics", given=await reader.text()) == (0, "")


async def test_rules_and_the_dashboard_ask_only_for_what_there_is(reader: Reader) -> None:
    names = {sample.name for one in reader.metrics.registry.collect() for sample in one.samples}
    families = {one.name for one in reader.metrics.registry.collect()} | names
    ends = ("", "_total", "_bucket", "_sum", "_count")
    known = {f"{name}{end}" for name in families for end in ends}
    for path in (DEPLOY / "prometheus/rules.yaml", DEPLOY / "grafana/sovani-ops.json"):
        words = set(re.findall(r"sovani_ops_[a-z_]+", path.read_text("utf-8")))
        assert words, path
        assert words <= known, path


async def test_what_a_rule_counts_begins_at_0_so_that_the_first_one_rings(
    reader: Reader, book: Book
) -> None:
    reader.metrics.expect(book.runbooks, book.remediations)
    rules = (DEPLOY / "prometheus/rules.yaml").read_text("utf-8")
    [ends] = re.findall(r'remediations_total\{outcome=~"([a-z_|]+)"', rules)
    assert set(ends.split("|")) <= set(ENDS)
    for action in book.remediations:
        for end in ends.split("|"):
            assert await reader.value("remediations_total", action=action, outcome=end) == 0
    for check in book.runbooks:
        unknown = {"check": check, "status": "unknown"}
        assert await reader.value("check_rounds_total", **unknown) == 0


def test_prometheus_takes_the_alert_rules() -> None:
    code, said = promtool("rules", str(DEPLOY / "prometheus/rules.yaml"))
    assert code == 0, said


def test_rounds_are_counted_by_what_they_saw() -> None:
    metrics = Metrics()
    metrics.round("check_db_growth", Status.UNKNOWN, 30.0)
    labels = {"check": "check_db_growth", "status": "unknown"}
    assert metrics.registry.get_sample_value("sovani_ops_check_rounds_total", labels) == 1


async def test_a_check_that_is_off_is_told_as_off(tmp_path: Path) -> None:
    off = {"db_growth": {"enabled": "false"}}
    async with open_tools(settings(tmp_path, checks=off)) as parts:
        read = parts.metrics.registry.get_sample_value
        name = "sovani_ops_check_enabled"
        assert read(name, {"check": "check_db_growth"}) == 0
        assert read(name, {"check": "check_token_expiry"}) == 1
        assert "check_db_growth" not in parts.watch.pulse.every
