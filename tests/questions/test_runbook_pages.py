"""The pages of every runbook: their lines, buttons, ticks; whole, as people read them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import checks
from bot.core.guide import PAGES
from bot.core.model import Person, Role, Severity, State, fires
from bot.core.ports import Tx
from bot.core.question import Page, WrongArguments
from bot.core.records import RunState
from bot.core.runbook import Runbook
from bot.core.verbs import Verb
from tests.conftest import ADMINS, NOON, TEAM
from tests.paper import drawn, fits, held, made_of
from tests.questions import incident, planned_things, scene
from tests.questions.conftest import ANN, Room, labels

EXPECTED = Path(__file__).with_name("expected") / "runbooks"
VERA = Person(id=1003, name="Vera", role=Role.VIEWER)
BORIS = Person(id=1002, name="Boris", role=Role.MANAGER)
BOOKS = checks.load({})
VACUUM = "remediate_vacuum_db"
each_runbook = pytest.mark.parametrize("runbook", BOOKS.values(), ids=BOOKS)


def does(page: Page) -> list[str]:
    """What its buttons would begin."""
    return [key.arg for row in page.keys for key in row if key.verb is Verb.DO]


@each_runbook
async def test_its_pages_read_as_they_should(room: Room, runbook: Runbook) -> None:
    policy = replace(room.book.policy, automatic=True)
    room.book = replace(room.book, plans=planned_things.PLANS, policy=policy)
    alert = await room.store.write(lambda tx: incident.busy_hour(tx, runbook))
    shown = []
    for name in PAGES:
        text, keys = await room.seen(f"runbook {runbook.number} {name} {alert.id}")
        fits(text, keys)
        shown.append(drawn(text, keys))
    held(EXPECTED / f"{runbook.folder}.html", "\n".join(shown) + made_of(room.templates))


@each_runbook
async def test_its_pages_fit_whatever_was_done(room: Room, runbook: Runbook) -> None:
    """Twelve of everything, by people with the longest names Telegram has, a day ago."""

    def work(tx: Tx) -> int:
        alert = incident.opened(tx, runbook, NOON - timedelta(days=2))
        for at in range(12):
            when = NOON - timedelta(days=1, minutes=2 * at)
            who = f"{at:02}{incident.WIDE}"[:64]
            for line in runbook.steps:
                for name in line.actions:
                    state = (RunState.NOT_VERIFIED, RunState.PROPOSED)[at % 2]
                    incident.run(
                        tx, name, state, alert=alert, at=when, who=who, confirmed_name=who[::-1]
                    )
                for asked in line.asks.values():
                    incident.looked(tx, f"{runbook.number} {alert.id} {asked}", who, when)
                for key in line.todo:
                    incident.listed(tx, key, alert, 3 if at else 1, who)
                for event in line.told:
                    incident.told(tx, alert, event, who, text="x", cause="category")
        for other in range(9):
            subject = f"{other} {incident.WIDE}"
            facts = incident.FACTS[runbook.name][2]
            tx.alerts.add(runbook.name, fires(subject, Severity.INFO, **facts), NOON)
        return alert.id

    number = await room.store.write(work)
    for name in PAGES:
        text, keys = await room.seen(f"runbook {runbook.number} {name} {number}")
        fits(text, keys)
        assert "<K" not in text


async def test_the_worst_open_alert_is_meant_and_the_others_are_offered(room: Room) -> None:
    def work(tx: Tx) -> None:
        for subject, severity in (("WB", Severity.WARNING), ("OZON", Severity.ERROR)):
            reading = fires(subject, severity, **scene.WRONG)
            tx.alerts.add("check_commission_outliers", reading, NOON)

    await room.store.write(work)
    text, page = await room.read("runbook 4 steps"), await room.ask("runbook 4 steps")
    assert "🟠 <b>#2</b> 1 234 commissions of OZON" in text
    assert "one of 2 open" in text
    [other] = [key for row in page.keys for key in row if key.label == "#1 WB"]
    assert other.arg == "runbook 4 steps 1"
    assert "<b>#1</b> 1 234 commissions of WB" in await room.read(other.arg)


async def test_without_an_alert_nothing_is_ticked_and_actions_are_still_there(room: Room) -> None:
    await room.store.write(lambda tx: incident.run(tx, VACUUM))
    text, page = await room.read("runbook 5 steps"), await room.ask("runbook 5 steps")
    assert "No alert is open" in text
    assert "✅" not in text
    assert VACUUM in does(page)
    cash = await room.ask("runbook 3 steps")  # it writes about an alert: there is none
    assert "remediate_notify_admin" not in does(cash)


async def test_an_alert_that_is_over_is_told_and_offers_no_deeds(room: Room) -> None:
    def work(tx: Tx) -> None:
        alert = incident.opened(tx, BOOKS["check_db_growth"])
        incident.run(tx, VACUUM, alert=alert, at=NOON - timedelta(minutes=30))
        later = NOON - timedelta(minutes=5)
        over = replace(alert, state=State.RESOLVED, resolved_at=NOON - timedelta(minutes=20))
        tx.alerts.save(over)
        incident.run(tx, VACUUM, at=later, who="Boris")  # of no incident

    await room.store.write(work)
    text, page = await room.read("runbook 5 steps 1"), await room.ask("runbook 5 steps 1")
    assert "✅ <b>#1 is over</b> since 14:40" in text
    assert "✅ Run VACUUM: Ann, 14:31" in text
    assert "Boris" not in text
    assert does(page) == []


async def test_a_viewer_sees_only_what_a_viewer_may_press(room: Room) -> None:
    await room.store.write(lambda tx: incident.opened(tx, BOOKS["check_scheduler_on_time"]))
    page = await room.ask("runbook 6 steps", VERA)
    assert labels(page)[0] == ["1 · Scheduler"]  # no restart, no configuration, no log
    assert does(page) == []
    whole = await room.ask("runbook 6 steps", ANN)
    assert "1 · Restart scheduler" in labels(whole)[0]


@pytest.mark.parametrize("asked", ["runbook 6 steps", "svc scheduler", "actions", "todo"])
async def test_a_viewer_takes_no_buttons_from_a_group(room: Room, asked: str) -> None:
    await room.store.write(lambda tx: incident.opened(tx, BOOKS["check_scheduler_on_time"]))
    await room.order("todo call the bank", ANN)
    for chat, whose in ((TEAM.chat, BORIS), (ADMINS.chat, ANN)):
        seen = labels(await room.ask(asked, VERA, chat))
        assert seen == labels(await room.ask(asked, whose, chat))
        assert seen != labels(await room.ask(asked, VERA))


async def test_a_group_has_what_managers_and_the_admin_chat_what_admins_may(room: Room) -> None:
    managers, everything = [labels(await room.ask("actions", one)) for one in (BORIS, ANN)]
    assert managers != everything
    assert labels(await room.ask("actions", VERA, TEAM.chat)) == managers
    assert labels(await room.ask("actions", ANN, TEAM.chat)) == everything
    assert labels(await room.ask("actions", VERA, ADMINS.chat)) == everything


async def test_an_action_that_needs_words_has_no_button(room: Room) -> None:
    await room.store.write(lambda tx: incident.opened(tx, BOOKS["check_commission_outliers"]))
    begun = does(await room.ask("runbook 4 steps"))
    assert begun == [
        "#1/4 remediate_reconcile 2026-11-16 yesterday",
        "#1/4 remediate_notify_finance",
    ]


async def test_what_an_answer_of_a_line_begins_belongs_to_the_alert_too(room: Room) -> None:
    assert does(await room.ask("look 6 0 svc scheduler")) == ["remediate_restart_scheduler"]
    await room.store.write(lambda tx: incident.opened(tx, BOOKS["check_scheduler_on_time"]))
    assert does(await room.ask("look 6 1 svc scheduler")) == ["#1 remediate_restart_scheduler"]


async def test_its_next_pages_begin_for_the_alert_too(room: Room) -> None:
    room.answers(outliers=scene.outliers(10), outliers_sums=scene.SUMS)
    alert = await room.store.write(
        lambda tx: incident.opened(tx, BOOKS["check_commission_outliers"])
    )
    page = await room.ask("look 4 1 outliers")
    finance = ["#1 remediate_notify_finance"]
    assert does(page) == finance
    for label in ("Next ▶", "Next ▶", "◀ Previous"):
        asked = next(key.arg for row in page.keys for key in row if key.label == label)
        page = await room.ask(asked)
        assert does(page) == finance
    over = replace(alert, state=State.RESOLVED, resolved_at=NOON)
    await room.store.write(lambda tx: tx.alerts.save(over))
    assert does(await room.ask(asked)) == ["remediate_notify_finance"]
    assert does(await room.ask("page 2 outliers")) == ["remediate_notify_finance"]


async def test_an_alert_of_another_runbook_is_refused(room: Room) -> None:
    await room.store.write(lambda tx: incident.opened(tx, BOOKS["check_db_growth"]))
    for asked in ("runbook 4 steps 1", "runbook 5 steps 77", "look 4 1 diagnose"):
        with pytest.raises(WrongArguments) as wrong:
            await room.ask(asked)
        assert wrong.value.why.key == "alert_unknown"


async def test_what_people_report_is_read_with_the_runbook_of_latency(room: Room) -> None:
    await room.order("slow nothing loads")
    text = await room.read("runbook 1 steps")
    assert "<b>#1</b>" in text
    assert "People say that the dashboard is slow" in text


async def test_the_list_says_which_have_an_open_alert(room: Room) -> None:
    await room.store.write(lambda tx: incident.opened(tx, BOOKS["check_db_growth"]))
    lines = (await room.read("runbook")).splitlines()
    at = lines.index("❔ 5 · Database growth")
    assert lines[at + 1].strip() == "🟠 #1 open since 14:20"
    assert sum("open since" in line for line in lines) == 1


async def test_a_line_asks_only_what_there_is_and_the_asker_may_ask(room: Room) -> None:
    assert (await room.ask("look 5 0 host")).template == "answers/host.html.j2"
    assert (await room.ask("look 4 0 show_outliers")).template.startswith("commission_outliers/")
    for asked, key in (
        ("look 5 0 nothing", "button_unknown"),
        ("look 5 0 vacuum", "button_unknown"),
        ("look 6 0 config scheduler", "role_too_low"),
    ):
        with pytest.raises(Exception, match=key):
            await room.ask(asked, VERA)


async def test_what_would_start_by_itself_says_when_it_does_not(room: Room) -> None:
    off = "Nothing runs by itself: AUTO_REMEDIATION_ENABLED is off."
    for automatic in (True, False):
        room.book = replace(room.book, policy=replace(room.book.policy, automatic=automatic))
        said = {name: off in (await room.seen(f"runbook 3 {name}"))[0] for name in PAGES}
        wanted = {"symptoms", "steps"} if not automatic else set()
        assert {name for name, told in said.items() if told} == wanted
        assert off not in (await room.seen("runbook 4"))[0]  # nothing of it ever does


@each_runbook
async def test_each_page_can_be_read_in_calm_times(room: Room, runbook: Runbook) -> None:
    for name in PAGES:
        text, keys = await room.seen(f"runbook {runbook.number} {name}")
        fits(text, keys)
        assert "As of" not in text
