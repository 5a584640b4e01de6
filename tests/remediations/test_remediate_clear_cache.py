"""Clear cache: one call of the web API, and p95 of the requests since as its proof."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import pytest

import checks
from bot import remediations
from bot.core import sight
from bot.core.book import Book
from bot.core.job import Job
from bot.core.model import Alert, Facts, Severity, State, Unreadable, phrase
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.records import Run, RunState
from bot.core.runbook import ActionFailed, Runbook
from bot.core.runner import Runner
from bot.core.tools import Sample, WebAdmin
from bot.core.trial import Trial
from bot.core.watch import Watch
from bot.edges.cards import Cards
from bot.edges.memory import StoredMemory
from bot.edges.store import SqlStore
from bot.edges.templates import Templates, plain
from bot.remediations.remediate_clear_cache import Clearing
from checks._api_config import Config
from checks._api_trial import begin, trial
from checks.api_latency_p95 import detect
from tests.checks.fakes import FakeMemory, FakePrometheus, FakeWeb, moment, spaced
from tests.checks.test_api_latency_p95 import FAST, SALES, SLOW, Api
from tests.conftest import NOON, Clock
from tests.remediations.fakes import JOB, FakeWebAdmin, tools

CHECK = "check_api_latency_p95"
NAME = "remediate_clear_cache"
CONFIG = Config()
SERVED = phrase("http_refused", where="http://localhost:8000")


@dataclass
class Shop:
    """A web API with counters; time passes when the action waits."""

    clock: Clock
    api: Api = field(default_factory=Api)
    web: FakeWeb = field(default_factory=FakeWeb)
    cleared: int = 0
    waited: float = 0.0
    then: Callable[[float], None] = lambda _waited: None  # what is asked of it meanwhile

    async def clear_cache(self) -> Facts:
        self.cleared += 1
        self.see()
        return {"action": NAME, "details": "3 caches", "retries": 1}

    def see(self) -> None:
        if not isinstance(self.web.answer, Unreadable):
            self.web.answer = self.api.metrics()

    async def sleep(self, seconds: float) -> None:
        self.waited += seconds
        self.clock.forward(seconds=seconds)
        self.then(self.waited)
        self.see()

    def clearing(self) -> Clearing:
        return Clearing(sleep=self.sleep, clock=lambda: self.waited)


@pytest.fixture
def shop(clock: Clock) -> Shop:
    shop = Shop(clock)
    shop.api.serve(1000, SLOW)  # since it was started: nothing of it may count
    shop.see()
    return shop


def given(shop: Shop) -> Any:  # noqa: ANN401  # the tools of an action
    return tools(web=shop.web, web_admin=cast("WebAdmin", shop), memory=FakeMemory())


async def measured(
    shop: Shop,
    tools: Any,  # noqa: ANN401  # as above
    job: Job | None = None,
) -> tuple[Facts, Facts]:
    """The facts before, and those of its own look."""
    clearing = shop.clearing()
    job = replace(job or JOB, trial=trial(CONFIG))
    before = await clearing.preflight(tools, job)
    job = replace(job, before=before)
    after = await clearing.act(tools, job)
    return before, await clearing.verify(tools, job, after)


async def test_the_question_touches_nothing_and_says_how_slow_it_is(shop: Shop) -> None:
    found = given(shop)
    await detect(found, moment(JOB.moment.now - timedelta(seconds=300)), config=CONFIG)
    shop.api.serve(100, SLOW)
    shop.see()
    before = await shop.clearing().preflight(found, replace(JOB, trial=trial(CONFIG)))
    assert before == {
        "p95_ms": 2425.0,
        "at_least": False,
        "threshold_ms": 1200.0,
        "requests": 100,
        "window_sec": 300.0,
        "measured_sec": 300.0,
    }
    assert shop.cleared == 0


async def test_without_a_window_the_question_says_what_the_alert_has_seen(shop: Shop) -> None:
    facts = {"p95_ms": 8000.0, "at_least": False, "threshold_ms": 1200.0, "requests": 90}
    alert = Alert(
        id=1,
        check=CHECK,
        subject="web API",
        severity=Severity.WARNING,
        state=State.FIRING,
        facts={**facts, "window_sec": 300, "slowest": []},
        opened_at=NOON,
        told_at=NOON,
    )
    job = replace(JOB, alert=alert, trial=trial(CONFIG))
    before = await shop.clearing().preflight(given(shop), job)
    assert before == {**facts, "window_sec": 300, "measured_sec": 300.0}


async def test_it_ends_as_soon_as_enough_fast_requests_came(shop: Shop) -> None:
    shop.then = lambda _waited: shop.api.serve(10, FAST)
    _, after = await measured(shop, given(shop))
    assert (after["p95_ms"], after["requests"], after["window_sec"]) == (97.5, 60, 12.0)
    assert shop.cleared == 1


async def test_slow_until_the_window_is_over_did_not_help(shop: Shop) -> None:
    shop.then = lambda _waited: shop.api.serve(10, SLOW)
    with pytest.raises(ActionFailed) as failure:
        await measured(shop, given(shop))
    assert failure.value.why.key == "cache_no_help"
    assert failure.value.why.values["p95_ms"] == 2425.0
    assert failure.value.why.values["requests"] == 1500
    assert shop.waited == CONFIG.window_sec


async def test_the_first_slow_requests_of_a_cold_cache_are_no_verdict(shop: Shop) -> None:
    def served(waited: float) -> None:
        shop.api.serve(10, SLOW if waited <= 10 else FAST)

    shop.then = served
    _, after = await measured(shop, given(shop))
    assert after["requests"] == 870  # of which fifty were slow
    assert shop.waited < CONFIG.window_sec


@pytest.mark.parametrize("requests", [0, 1, 19])
async def test_too_few_requests_are_neither_success_nor_failure(shop: Shop, requests: int) -> None:
    shop.then = lambda waited: shop.api.serve(requests if waited == 2 else 0, FAST)
    with pytest.raises(Unreadable) as blind:
        await measured(shop, given(shop))
    assert blind.value.why.key == "latency_few_requests"
    assert blind.value.why.values["requests"] == requests
    assert shop.waited == CONFIG.window_sec


async def test_twenty_in_the_whole_window_are_enough_to_tell(shop: Shop) -> None:
    shop.then = lambda waited: shop.api.serve(20 if waited == 2 else 0, FAST)
    _, after = await measured(shop, given(shop))
    assert (after["requests"], shop.waited) == (20, CONFIG.window_sec)


async def test_a_look_that_fails_is_made_again_and_one_that_never_works_is_said(
    shop: Shop,
) -> None:
    whole = shop.web.answer

    def away(waited: float) -> None:
        shop.web.answer = Unreadable(SERVED) if waited < 20 else whole
        shop.api.serve(10, FAST)

    shop.then = away
    _, after = await measured(shop, given(shop))
    assert after["requests"] == 100

    shop.waited = 0.0
    shop.then = lambda _waited: setattr(shop.web, "answer", Unreadable(SERVED))
    with pytest.raises(Unreadable, match="http_refused"):
        await measured(shop, given(shop))


async def test_metrics_that_could_not_be_read_at_the_beginning_are_not_taken_from_before(
    shop: Shop,
) -> None:
    """An older beginning would count the slow requests of before."""
    found = given(shop)
    await begin(found, moment(JOB.moment.now - timedelta(hours=1)), config=CONFIG)
    seen: list[Sample] = shop.api.metrics()
    shop.web.answer = Unreadable(SERVED)
    shop.then = lambda _waited: setattr(shop.web, "answer", seen)
    with pytest.raises(Unreadable, match="latency_first_look"):
        await measured(shop, found)
    assert shop.cleared == 1


async def test_where_no_check_measures_it_nothing_is_claimed(shop: Shop) -> None:
    clearing = shop.clearing()
    assert await clearing.preflight(given(shop), JOB) == {}
    await clearing.act(given(shop), JOB)
    with pytest.raises(Unreadable, match="cache_unmeasured"):
        await clearing.verify(given(shop), JOB, {})


async def test_prometheus_is_asked_for_the_time_since_and_for_no_more(shop: Shop) -> None:
    answers = {
        "histogram_quantile(0.95, sum by (le) ": [Sample("", {}, 0.3)],
        "sum (increase": [Sample("", {}, 64.0)],
    }
    asked = FakePrometheus({**answers})
    found = replace(given(shop), prometheus=asked)
    _, after = await measured(shop, found)
    assert (after["p95_ms"], after["requests"]) == (300.0, 64)
    since = [one for one in asked.asked if one.startswith("histogram") and "[300s]" not in one]
    assert since
    assert all("[1s]" in one for one in since)


async def test_a_refusal_of_the_web_api_is_the_outcome(shop: Shop) -> None:
    refusing = FakeWebAdmin(ActionFailed(phrase("refused")))
    found = replace(given(shop), web_admin=refusing)
    with pytest.raises(ActionFailed, match="refused"):
        await measured(shop, found)


# From the tap to the card, with the real check, tables and texts.


@dataclass
class Stage:
    store: SqlStore
    shop: Shop
    runner: Runner
    cards: Cards
    watch: Watch
    clock: Clock

    async def round(self) -> None:
        self.shop.see()
        await self.watch.round(self.cards.book.runbooks[CHECK])

    async def asked(self) -> Run:
        now = self.clock()

        def ask(tx: Tx) -> Run:
            run = Run(
                id=0,
                action=NAME,
                target="web API",
                key="tap",
                state=RunState.REQUESTED,
                alert_id=1,
                asked_by=7,
                asked_name="Ann",
                asked_at=now,
                confirmed_by=7,
                confirmed_name="Ann",
                expires_at=now + timedelta(minutes=1),
            )
            made = tx.runs.add(run)
            assert made is not None
            return made

        return await self.store.write(ask)

    async def clears(self) -> Run:
        made = await self.asked()
        await self.runner.handle(made)
        run = await self.store.read(lambda tx: tx.runs.get(made.id))
        assert run is not None
        return run

    async def text(self, run: Run) -> str:
        now = self.clock()
        return plain(spaced(await self.store.read(lambda tx: self.cards.run_text(tx, run, now))))

    async def buttons(self) -> list[str]:
        def look(tx: Tx) -> list[str]:
            [card] = tx.posts.of_alert(1)
            keys = self.cards.page(tx, card, self.clock()).keys
            return [key.label for row in keys for key in row]

        return await self.store.read(look)

    async def card(self, run: Run) -> tuple[Alert, str]:
        alert = await self.store.read(lambda tx: tx.alerts.get(1))
        assert alert is not None
        drawn = self.cards._alerts.drawn(alert, [run], self.clock())  # noqa: SLF001  # of this run
        return alert, plain(spaced(drawn))


@pytest.fixture
async def stage(store: SqlStore, policy: Policy, clock: Clock, shop: Shop) -> Stage:
    clearing = shop.clearing()
    known = remediations.load()
    action = replace(
        known[NAME], preflight=clearing.preflight, act=clearing.act, verify=clearing.verify
    )
    runbook = replace(checks.load({})[CHECK], automatic=None)
    book = Book(
        runbooks={CHECK: runbook},
        remediations={**known, NAME: action},
        policy=policy,
        sight=sight.runbook(store),
    )
    found = replace(given(shop), memory=StoredMemory(store=store, clock=clock))
    watch = Watch(store=store, tools=found, book=book, clock=clock, wake=lambda: None)
    made = Stage(
        store=store,
        shop=shop,
        runner=Runner(
            store=store,
            book=book,
            tools=found,
            watch=watch,
            clock=clock,
            wake=lambda: None,
            sleep=shop.sleep,
        ),
        cards=Cards(templates=Templates(zone=policy.zone, clock=clock), book=book),
        watch=watch,
        clock=clock,
    )
    await made.round()
    clock.forward(seconds=300)
    shop.api.serve(100, SLOW)
    await made.round()
    alert = await store.read(lambda tx: tx.alerts.get(1))
    assert alert is not None
    assert alert.state is State.FIRING
    return made


async def test_p95_before_and_after_stand_on_its_message_and_the_card_turns_green(
    stage: Stage,
) -> None:
    stage.clock.forward(seconds=60)
    stage.shop.api.serve(50, SLOW)  # since the check's last round: they would hide the repair
    stage.shop.see()
    stage.shop.then = lambda _waited: stage.shop.api.serve(10, FAST)
    run = await stage.clears()
    assert run.state is RunState.SUCCEEDED
    said = await stage.text(run)
    assert "Clear cache helped." in said
    assert "p95 2 425 ms → 98 ms, 60 requests in 12 s since." in said
    alert, card = await stage.card(run)
    assert alert.state is State.RESOLVED
    assert "p95 2 425 ms → 98 ms, 60 requests in 12 s since, by Ann, verified" in card


async def test_its_own_figures_decide_where_the_alert_has_to_stay_well_for_longer(
    stage: Stage,
) -> None:
    book = stage.cards.book
    patient = replace(book.runbooks[CHECK], keep=timedelta(hours=1))
    cast("dict[str, Runbook]", book.runbooks)[CHECK] = patient
    stage.shop.then = lambda _waited: stage.shop.api.serve(10, FAST)
    run = await stage.clears()
    assert run.state is RunState.SUCCEEDED
    alert, card = await stage.card(run)
    assert alert.state is State.FIRING
    assert "60 requests in 12 s since" in card


async def test_what_stays_slow_did_not_help_and_says_by_how_much(stage: Stage) -> None:
    stage.shop.then = lambda _waited: stage.shop.api.serve(10, SLOW, SALES)
    run = await stage.clears()
    assert run.state is RunState.NOT_VERIFIED
    said = await stage.text(run)
    assert "Clear cache was done and did not help." in said
    figures = "p95 2 425 ms → 2 425 ms, 1 500 requests in 5 min since; the limit is 1 200 ms."
    assert figures in said
    alert, card = await stage.card(run)
    assert alert.state is State.FIRING
    assert "Clear cache did not help (by Ann" in card
    assert figures in card


async def test_a_night_without_requests_is_no_success(stage: Stage) -> None:
    run = await stage.clears()
    assert run.state is RunState.NOT_VERIFIED
    said = await stage.text(run)
    assert "Clear cache was done; whether it helped cannot be told." in said
    assert "Only 0 requests in 5 min, too few to judge (at least 20)." in said
    assert "did not help" not in said
    alert, card = await stage.card(run)
    assert alert.state is State.FIRING
    assert "Clear cache was done, whether it helped cannot be told" in card


async def test_while_it_is_measured_other_repairs_are_at_hand(stage: Stage) -> None:
    """It may take five minutes, in which somebody may want to restart the web API."""
    usual = await stage.buttons()
    run = await stage.asked()
    assert {"Clear cache", "Restart web API"} & {*await stage.buttons()} == set()
    looked_at = replace(run, state=RunState.VERIFYING)
    assert await stage.store.write(lambda tx: tx.runs.move(looked_at, frm=run.state))
    assert await stage.buttons() == [one for one in usual if one != "Clear cache"]


def test_the_trial_is_the_one_of_the_check_that_it_repairs(
    store: SqlStore, policy: Policy
) -> None:
    book = Book(
        runbooks=checks.load({}), remediations={}, policy=policy, sight=sight.runbook(store)
    )
    assert isinstance(book.trial(NAME), Trial)
    assert book.trial("remediate_vacuum_db") is None
