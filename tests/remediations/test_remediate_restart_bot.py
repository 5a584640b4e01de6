"""Restart bot: SoVAni's own bot, and no other unit."""

from bot.core.tools import Service
from bot.remediations._restart import facts
from bot.remediations.remediate_restart_bot import remediation
from tests.remediations.fakes import JOB, FakeControl, FakeServices, tools, unit

BOT = unit("sovani-bot")


async def test_only_the_bot_is_restarted_and_nothing_asks_for_its_health() -> None:
    control, services = FakeControl(BOT), FakeServices(BOT)
    world = tools(control=control, services=services)
    action = remediation()
    after = await action.act(world, JOB)
    assert action.verify is not None
    assert await action.verify(world, JOB, after) == {**facts(BOT), "alive": None}
    assert control.calls == [(Service.BOT,)]
    assert services.calls == [(Service.BOT,)]
