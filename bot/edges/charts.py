"""Charts off the event loop, on a thread of their own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bot.core.model import Phrase
from bot.core.question import Chart


class Charts:
    """Draws one picture at a time: matplotlib's caches are not made for several threads."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="charts")

    async def draw(self, chart: Chart, say: Callable[[Phrase], str]) -> bytes:
        """Return a PNG that fits a phone; `say` puts its phrases into plain words."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, _draw, chart, say)

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


def _draw(chart: Chart, say: Callable[[Phrase], str]) -> bytes:
    # Costs most of a second and 50 MB, so only who asks for a chart pays.
    from bot.edges.drawing import png  # noqa: PLC0415  # see above

    return png(chart, say)
