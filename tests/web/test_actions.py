"""Remediations from a program: the same guards as in the chat, and never more than one."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.core.book import Book
from bot.core.model import Person, Severity, fires, ok
from bot.core.policy import Policy
from bot.core.runbook import Guard, Runbook
from bot.core.verbs import Verb
from tests import fakes
from tests.web.conftest import ANN, ANNS, BORIS, Api, is_problem

FULL = fires("shop database", Severity.WARNING, **fakes.FULL)
SLIM = ok("shop database", **fakes.SLIM)
PATH = "/api/v1/ops/remediate"
RUNBOOKS = f"{PATH}?alert_source=check_db_growth"
BOTH = "remediate_both"


@pytest.fixture
def policy(policy: Policy) -> Policy:
    return replace(policy, automatic=True)


@pytest.fixture
def runbook() -> Runbook:
    return fakes.runbook(repairs=lambda subject: not subject.startswith("disk "))


@pytest.fixture
def book(book: Book) -> Book:
    vacuum = book.remediations["remediate_vacuum_db"]
    both = replace(vacuum, name=BOTH, label="Archive", guard=Guard.TWO_PEOPLE, target="archive")
    return replace(book, remediations={**book.remediations, BOTH: both})


async def sick(api: Api) -> None:
    await api.sees(FULL)

    def heal() -> None:
        api.world.readings = [SLIM]

    api.world.on_act = heal


async def states(api: Api) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await api.rows("SELECT state, asked_name FROM runs ORDER BY id")]


async def test_the_line_of_the_runbook_repairs(api: Api) -> None:
    await sick(api)
    answer = await api.post(RUNBOOKS, who="admin")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["status"], body["action_name"]) == ("success", "remediate_vacuum_db")
    assert body["retry_count"] == 0
    assert "Run VACUUM helped" in body["details"]
    assert api.world.done == ["vacuum"]
    assert (await api.get("/api/v1/ops/alerts/1")).json()["state"] == "resolved"
    assert ("api:the-admin", "do:remediate_vacuum_db", "asked") in await api.audit()
    assert ("api:the-admin", "yes:1", "started") in await api.audit()
    health = (await api.get("/api/v1/ops/health")).json()
    assert health == {
        "alerts_last_hour": 1,
        "critical_last_24h": 0,
        "remediations_last_hour": 1,
        "remediation_failures_24h": 0,
    }


async def test_it_is_done_for_the_alert_that_it_repairs(api: Api) -> None:
    disk = fires("disk /mnt/cold", Severity.ERROR, **fakes.FULL)
    await api.sees(disk, FULL)

    def heal() -> None:
        api.world.readings = [disk, SLIM]

    api.world.on_act = heal
    body = (await api.post(RUNBOOKS, who="admin")).json()
    assert body["status"] == "success"
    assert [tuple(row) for row in await api.rows("SELECT alert_id FROM runs")] == [(2,)]
    assert (await api.get("/api/v1/ops/alerts/1")).json()["state"] == "firing"
    assert (await api.get("/api/v1/ops/alerts/2")).json()["state"] == "resolved"


async def test_a_repair_that_does_not_help_is_a_failure(api: Api) -> None:
    await api.sees(FULL)
    body = (await api.post(RUNBOOKS, who="admin")).json()
    assert body["status"] == "failure"
    assert "did not help" in body["details"]
    api.clock.forward(minutes=5)
    assert (await api.post(RUNBOOKS, who="admin")).json()["retry_count"] == 1


async def test_what_the_preflight_refuses_is_not_done(api: Api) -> None:
    await api.sees(FULL)
    api.world.preflight = OSError("broken")
    body = (await api.post(RUNBOOKS, who="admin")).json()
    assert body["status"] == "refused"
    assert api.world.done == []


async def test_a_manager_needs_a_person_or_an_admin_for_the_yes(api: Api) -> None:
    await sick(api)
    assert is_problem(await api.post(RUNBOOKS), 403, "needs a yes")
    assert is_problem(await api.post(f"{RUNBOOKS}&confirm=true"), 403, "needs a yes")
    assert is_problem(await api.post(RUNBOOKS, who="viewer"), 403)
    named = f"{PATH}?action=remediate_vacuum_db"
    assert is_problem(await api.post(named, who="admin"), 403, "confirm=true")
    assert await states(api) == []
    assert (await api.post(f"{named}&confirm=true", who="admin")).json()["status"] == "success"


async def test_what_needs_two_people_is_only_asked_for(api: Api) -> None:
    named = f"{PATH}?action={BOTH}&confirm=true"
    assert is_problem(await api.post(named, who="admin"), 403, "two people")
    assert await states(api) == []
    asked = await api.post(named, who=ANNS)
    assert (asked.status_code, asked.json()["status"]) == (202, "proposed")
    where = asked.headers["Location"]
    assert (await api.get(where)).json()["state"] == "proposed"
    assert "Somebody else has to say yes" in (await api.get(where)).json()["text"]
    assert api.world.done == []


async def test_one_who_asked_by_a_program_is_no_second_person_in_the_chat(api: Api) -> None:
    await api.post(f"{PATH}?action={BOTH}", who=ANNS)
    desk = api.context.desk
    said = await desk.decide(Person(id=ANN, name="Ann"), Verb.CONFIRM, 1)
    assert said.key == "confirm_by_another"
    said = await desk.decide(Person(id=BORIS, name="Boris"), Verb.CONFIRM, 1)
    assert said.key == "started"
    for _ in range(100):
        if api.world.done:
            break
        await asyncio.sleep(0.01)
    assert api.world.done == ["vacuum"]


async def test_the_same_key_is_the_same_decision(api: Api) -> None:
    await sick(api)
    headers = {"Idempotency-Key": "night-1"}
    first = (await api.post(RUNBOOKS, who="admin", headers=headers)).json()
    again = (await api.post(RUNBOOKS, who="admin", headers=headers)).json()
    assert first == again
    assert api.world.done == ["vacuum"]


async def test_two_at_once_are_one_repair(api: Api) -> None:
    await sick(api)
    answers = await asyncio.gather(*(api.post(RUNBOOKS, who="admin") for _ in range(2)))
    assert sorted(one.status_code for one in answers) in ([200, 409], [200, 200])
    assert api.world.done == ["vacuum"]


async def test_what_cannot_be_meant_is_said(api: Api) -> None:
    assert is_problem(await api.post(f"{PATH}?alert_source=check_of_nothing", who="admin"), 404)
    assert is_problem(await api.post(f"{PATH}?alert_source=external_generic", who="admin"), 404)
    assert is_problem(await api.post(f"{PATH}?action=rm", who="admin"), 404, "no action rm")
    assert is_problem(await api.post(PATH, who="admin"), 404, "Say which")
    assert is_problem(await api.get("/api/v1/ops/runs/9"), 404)
    args = f"{PATH}?action=remediate_vacuum_db&confirm=true&args=1"
    assert is_problem(await api.post(args, who="admin"), 422)


async def test_a_proposal_can_be_taken_back(api: Api) -> None:
    await api.post(f"{PATH}?action={BOTH}", who=ANNS)
    done = await api.post("/api/v1/ops/runs/1/cancel", who=ANNS)
    assert (done.status_code, done.json()["key"]) == (200, "cancelled")
    assert is_problem(await api.post("/api/v1/ops/runs/1/cancel", who=ANNS), 409)
    assert is_problem(await api.post("/api/v1/ops/runs/1/stop", who=ANNS), 409)
    assert await states(api) == [("cancelled", "api:ann")]


async def test_actions_are_listed_with_their_guards(api: Api) -> None:
    rows = (await api.get("/api/v1/ops/actions")).json()
    found = {one["name"]: one for one in rows}
    assert found["remediate_vacuum_db"]["guard"] == "confirm"
    assert found["remediate_vacuum_db"]["checks"] == ["check_db_growth"]
    assert found[BOTH]["guard"] == "two_people"
