"""What all restarts share: the look before, the restart itself, and the look whether it holds."""

import asyncio
from dataclasses import dataclass

from bot.core.job import Job
from bot.core.model import Facts, Unreadable, phrase
from bot.core.runbook import ActionFailed, Refused
from bot.core.tools import ActionTools, Service, ServiceState


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """The restart of one unit. `answers`: its health is asked too, until it says yes."""

    service: Service
    answers: bool = False
    looks: int = 15
    pause: float = 2.0  # seconds between two looks

    async def preflight(self, tools: ActionTools, _job: Job) -> Facts | Refused:
        try:
            state = await tools.services.state(self.service)
        except Unreadable as error:
            return Refused(error.why)
        return Refused(phrase("restart_no_manager")) if state is None else facts(state)

    async def act(self, tools: ActionTools, _job: Job) -> Facts:
        state = await tools.control.restart(self.service)
        if not state.running:
            raise ActionFailed(phrase("restart_not_running", unit=state.unit, detail=state.detail))
        return facts(state)

    async def verify(self, tools: ActionTools, _job: Job, after: Facts) -> Facts:
        """It is still the start that we made, the manager made no other, and it answers."""
        trouble: Unreadable | None = None
        for look in range(self.looks):
            if look:
                await asyncio.sleep(self.pause)
            state = await tools.services.state(self.service)
            if state is None or not _same(state, after):
                unit, detail = str(after["unit"]), state.detail if state else ""
                raise ActionFailed(phrase("service_did_not_stay", unit=unit, detail=detail))
            try:
                health = await tools.web.health() if self.answers else {}
            except Unreadable as silent:
                trouble = silent
            else:
                return {**facts(state), "alive": health.get("alive")}
        assert trouble is not None  # noqa: S101  # else one of the looks would have been the last
        raise ActionFailed(trouble.why)


def facts(state: ServiceState) -> Facts:
    return {
        "unit": state.unit,
        "running": state.running,
        "detail": state.detail,
        "run_id": state.run_id,
        "restarts": state.restarts,
        "memory_bytes": state.memory_bytes,
    }


def _same(state: ServiceState, after: Facts) -> bool:
    still = state.running and state.run_id == after["run_id"]
    return still and state.restarts == after["restarts"]
