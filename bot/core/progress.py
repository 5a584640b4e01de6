"""What a running action says of itself: kept on its run, shown by editing its message."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.core.model import Facts, Json
from bot.core.ports import Store, Tx, Wake
from bot.core.records import Run, RunState

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=2)


@dataclass(kw_only=True)
class Progress:
    """Writes at most every two seconds, however often it is called; a new phase at once."""

    run: Run
    store: Store
    clock: Callable[[], datetime]
    wake: Wake
    _at: datetime | None = field(default=None, init=False)
    _phase: Json = field(default=None, init=False)

    async def __call__(self, facts: Facts) -> None:
        now, phase = self.clock(), facts.get("phase")
        lately = self._at is not None and timedelta(0) <= now - self._at < EVERY
        if lately and phase == self._phase:
            return
        self._at, self._phase = now, phase

        def save(tx: Tx) -> None:
            run = tx.runs.get(self.run.id)
            if run is not None and run.state is RunState.RUNNING:
                tx.runs.move(replace(run, progress=facts), frm=RunState.RUNNING)
                tx.posts.want_run(run.id)

        try:
            await self.store.write(save)
        except Exception:  # what it tells of goes on: half done is worse than untold
            log.exception("progress was not kept", extra=self.run.named)
        self.wake()
