"""The scheduler's process is not there."""

from demo.shop.supervision import RUNNING, SCHEDULER
from demo.shop.switches.base import Card, Site


class SchedulerDead:
    card = Card(
        id="scheduler_dead",
        label="Scheduler dead",
        explains="Stops the scheduler's process: no job runs any more.",
        mend_by="Restart scheduler",
    )

    def __init__(self, site: Site) -> None:
        self._supervisor = site.supervisor

    async def is_on(self) -> bool:
        return await self._supervisor.state(SCHEDULER) not in RUNNING

    async def turn(self, *, on: bool) -> None:
        if on:
            await self._supervisor.stop(SCHEDULER)
        else:
            await self._supervisor.start(SCHEDULER)
