"""What happens when a process of the demo dies by itself."""

import time
from collections.abc import Callable

from demo.children import DemoError
from demo.stage import Demo

RESTARTS, WITHIN = 3, 60.0  # so often in so many seconds may the assistant die


async def keep_alive(demo: Demo, tell: Callable[[str], None]) -> None:
    """Start a dead assistant again, as systemd would; without any other part the demo ends."""
    deaths: list[float] = []
    while True:
        child = await demo.first_death()
        deaths = [moment for moment in deaths if time.monotonic() - moment < WITHIN]
        if child is not demo.assistant or len(deaths) >= RESTARTS:
            raise DemoError(child.obituary())
        deaths.append(time.monotonic())
        tell(child.obituary())
        tell("It is started again.")
        await demo.start_assistant()
