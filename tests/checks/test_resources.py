"""What the machine did while a job ran too long."""

from dataclasses import replace
from datetime import timedelta

from bot.core.model import Severity, Unreadable, phrase
from bot.core.tools import Tools
from bot.edges.templates import Templates
from checks._scheduler_config import Config
from checks.scheduler_on_time import detect, diagnosis
from tests.checks.fakes import NOON, moment, spaced
from tests.checks.shop import Shop
from tests.machine import HOST, FakeMachine, ports

JOB = "collect_yesterday_data"
CONFIG = Config(schedule={JOB: "0 2 * * *"})
LATER = NOON + timedelta(minutes=5)


def overrun(shop: Shop, started: str = "2026-11-23 08:00:00") -> None:
    for day in (20, 21, 22, 23):
        shop.job(JOB, f"2026-11-{day} 02:00:00")
    shop.job(JOB, started, "running")


async def shown(tools: Tools, templates: Templates) -> str:
    facts = await diagnosis(tools, moment(), config=CONFIG)
    return spaced(templates.render("scheduler_on_time/diagnosis.html.j2", **facts))


async def test_a_job_that_overruns_has_the_machine_looked_at_once(
    shop: Shop, tools: Tools, templates: Templates
) -> None:
    overrun(shop)
    machine = FakeMachine()
    seen = replace(tools, **ports(machine))
    await detect(seen, moment(), config=CONFIG)
    machine.host = replace(HOST, load=(0.0, 0.0, 0.0))
    await detect(seen, moment(LATER), config=CONFIG)
    text = await shown(seen, templates)
    assert "when the run of 11:00 was too long</b> (12:00)" in text
    assert "3.50 on 2 cores" in text
    assert "sovani-scheduler    187 %   2.3 GB" in text


async def test_another_run_that_overruns_is_looked_at_anew(
    shop: Shop, tools: Tools, templates: Templates
) -> None:
    overrun(shop)
    machine = FakeMachine()
    seen = replace(tools, **ports(machine))
    await detect(seen, moment(), config=CONFIG)
    machine.host = replace(HOST, load=(0.0, 1.25, 0.0))
    shop.job(JOB, "2026-11-23 08:30:00", "running")
    await detect(seen, moment(LATER), config=CONFIG)
    assert "1.25 on 2 cores" in await shown(seen, templates)


async def test_a_job_in_time_has_nothing_to_show(
    shop: Shop, tools: Tools, templates: Templates
) -> None:
    shop.job(JOB, "2026-11-23 02:00:00")
    await detect(tools, moment(), config=CONFIG)
    assert "cores" not in await shown(tools, templates)


async def test_a_machine_that_cannot_be_seen_silences_no_check(shop: Shop, tools: Tools) -> None:
    overrun(shop)
    blind = replace(tools, **ports(FakeMachine(host=Unreadable(phrase("services_off")))))
    (found,) = await detect(blind, moment(), config=CONFIG)
    assert found.severity in {Severity.WARNING, Severity.ERROR}
