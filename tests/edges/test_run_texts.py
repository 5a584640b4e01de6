"""A run's message in each of its states, whole, as people read it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import remediations
from bot.core import sight
from bot.core.book import Book
from bot.core.model import Alert, Facts, Severity, fires, phrase
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.records import Post, PostKind, Run, RunState
from bot.core.runbook import Guard
from bot.edges.cards import Cards
from bot.edges.store import SqlStore
from bot.edges.templates import Templates
from tests import fakes
from tests.conftest import NOON, Clock

EXPECTED = Path(__file__).with_name("expected") / "run_texts.html"
UNIT: Facts = {
    "unit": "sovani-web-api",
    "detail": "active (running)",
    "memory_bytes": 512_000_000,
}
NAME = "remediate_restart_web"
LONG = timedelta(minutes=4, seconds=5)
RUN = Run(
    id=12,
    key="k",
    action=NAME,
    target="service:web",
    state=RunState.ASKED,
    asked_at=NOON,
    asked_by=7,
    asked_name="Ann <&>",
    before=UNIT,
    after={**UNIT, "memory_bytes": 98_000_000, "alive": "healthy"},
    expires_at=NOON + timedelta(seconds=60),
)
AGREED = replace(RUN, confirmed_by=7, confirmed_name="Ann <&>", confirmed_at=NOON)
BEGUN = replace(AGREED, started_at=NOON)
DONE = replace(BEGUN, finished_at=NOON + LONG)
SLOW: Facts = {"phase": "looking", "done": 1_250_000, "total": 5_000_000}
POST = Post(id=1, kind=PostKind.RUN, chat_id=-1, created_at=NOON)
UNDONE = replace(RUN, id=13, action="remediate_restart_bot", origin_id=12, asked_name="Olga")

CASES: dict[str, Run] = {
    "asked": RUN,
    "proposed": replace(RUN, state=RunState.PROPOSED),
    "expired": replace(RUN, state=RunState.EXPIRED),
    "cancelled": replace(RUN, state=RunState.CANCELLED, finished_at=NOON),
    "refused": replace(RUN, state=RunState.REFUSED, why=phrase("restart_no_manager")),
    "requested": replace(AGREED, state=RunState.REQUESTED),
    "running": replace(BEGUN, state=RunState.RUNNING),
    "running, far": replace(BEGUN, state=RunState.RUNNING, progress=SLOW),
    "running, to stop": replace(BEGUN, state=RunState.RUNNING, progress=SLOW, stop_by="Olga"),
    "stopped": replace(DONE, state=RunState.CANCELLED, progress=SLOW, stop_by="Olga"),
    "ended with us": replace(
        DONE, state=RunState.CANCELLED, progress=SLOW, why=phrase("stopped_by_shutdown")
    ),
    "handed over": replace(BEGUN, state=RunState.HANDED_OVER),
    "verifying": replace(BEGUN, state=RunState.VERIFYING),
    "succeeded": replace(DONE, state=RunState.SUCCEEDED),
    "succeeded for an alert": replace(DONE, state=RunState.SUCCEEDED, alert_id=1),
    "succeeded by two": replace(
        DONE, state=RunState.SUCCEEDED, confirmed_by=8, confirmed_name="Olga"
    ),
    "succeeded by itself": replace(
        DONE, state=RunState.SUCCEEDED, asked_by=None, confirmed_by=None, confirmed_name=None
    ),
    "can be undone": replace(
        DONE, state=RunState.SUCCEEDED, undo_until=NOON + LONG + timedelta(minutes=10)
    ),
    "did not help": replace(DONE, state=RunState.NOT_VERIFIED, alert_id=1),
    "not verified": replace(
        DONE, state=RunState.NOT_VERIFIED, why=phrase("service_did_not_stay", unit="x", detail="y")
    ),
    "failed": replace(DONE, state=RunState.FAILED, why=phrase("action_too_slow", minutes=5)),
    "failed, far": replace(
        DONE, state=RunState.FAILED, progress=SLOW, why=phrase("action_too_slow", minutes=5)
    ),
    "no clear end": replace(
        DONE,
        state=RunState.FAILED,
        why=phrase("http_status", where="http://shop/jobs", status=504, maybe_done=True),
    ),
    "interrupted": replace(DONE, state=RunState.INTERRUPTED),
    "interrupted, far": replace(DONE, state=RunState.INTERRUPTED, progress=SLOW, alert_id=1),
}


@pytest.fixture
def cards(store: SqlStore, policy: Policy, clock: Clock) -> Cards:
    book = Book(
        runbooks={"check_db_growth": fakes.runbook(remediations=[NAME])},
        remediations=remediations.load(),
        policy=policy,
        sight=sight.runbook(store),
    )
    return Cards(templates=Templates(zone=policy.zone, clock=clock), book=book)


async def text(cards: Cards, store: SqlStore, run: Run) -> str:
    now = NOON + timedelta(seconds=61)
    return await store.read(lambda tx: cards.run_text(tx, run, now))


@pytest.fixture(autouse=True)
async def alert(store: SqlStore) -> Alert:
    reading = fires("web API", Severity.ERROR, **fakes.FULL)
    return await store.write(lambda tx: tx.alerts.add("check_db_growth", reading, NOON))


async def test_what_is_no_repair_of_its_card_is_done_and_has_helped_nothing(
    cards: Cards, store: SqlStore
) -> None:
    """Such as ANALYZE, from the runbook's page, while the alert goes on."""
    runbook = fakes.runbook(remediations=[])
    book = replace(cards.book, runbooks={runbook.name: runbook})
    said = await text(replace(cards, book=book), store, CASES["succeeded for an alert"])
    assert "is done." in said
    assert "helped" not in said


@pytest.mark.parametrize("cures", [True, False])
async def test_its_line_says_verified_only_of_what_somebody_has_looked_at(
    cards: Cards, alert: Alert, *, cures: bool
) -> None:
    """An action without a look of its own: the check looks only where it is a repair of it."""
    action = "remediate_clear_cache"
    without = replace(cards.book.remediations[action], verify=None)
    runbook = fakes.runbook(remediations=[action] if cures else [])
    known = {**cards.book.remediations, action: without}
    book = replace(cards.book, runbooks={runbook.name: runbook}, remediations=known)
    seen = replace(cards, book=book)
    run = replace(
        CASES["succeeded for an alert"], action=action, target="cache", before={}, after={}
    )
    card = seen._alerts.drawn(alert, [run], NOON)  # noqa: SLF001  # of this run
    line = seen.run_line(run, alert)
    assert ("verified 15:04" in card, "verified 15:04" in line) == (cures, cures)
    assert "15:04" in card
    assert "verified" not in seen.run_line(replace(run, alert_id=None), None)


@pytest.mark.parametrize(
    ("action", "title"), [(NAME, "Restart web API"), ("remediate_gone", "remediate_gone")]
)
async def test_one_of_an_older_release_is_a_bare_line(
    cards: Cards, store: SqlStore, action: str, title: str
) -> None:
    """Today's words take more than it kept, or its action is there no more."""
    run = replace(DONE, action=action, state=RunState.NOT_VERIFIED, before={}, after={})
    said = await text(cards, store, run)
    assert said.startswith(f"⚠️ Run 12: {title}, not verified.")

    def kept(tx: Tx) -> str:
        made = tx.runs.add(replace(run, state=RunState.ASKED))
        assert made is not None
        tx.runs.move(replace(run, id=made.id), frm=RunState.ASKED)
        return cards.page(tx, replace(POST, run_id=made.id), NOON).text

    assert f"{title}, not verified." in await store.write(kept)


async def test_every_state_reads_as_it_should(cards: Cards, store: SqlStore) -> None:
    parts = [f"== {name}\n{await text(cards, store, run)}\n" for name, run in CASES.items()]
    two = replace(cards.book.remediations[NAME], guard=Guard.TWO_PEOPLE)
    cards.book.remediations[NAME] = two  # type: ignore[index]  # a dict of this test's own
    parts.append(f"== proposed to two\n{await text(cards, store, CASES['proposed'])}\n")
    await store.write(lambda tx: tx.runs.add(replace(UNDONE, id=0, state=RunState.SUCCEEDED)))
    parts.append(f"== undone\n{await text(cards, store, CASES['succeeded'])}\n")
    found = "\n".join(parts)
    assert "\n\n\n" not in found
    assert "None" not in found
    # A changed text is looked at, and the file written anew.
    assert found.splitlines() == EXPECTED.read_text("utf-8").splitlines()


def test_every_state_is_here() -> None:
    assert {run.state for run in CASES.values()} == set(RunState)
