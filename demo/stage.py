"""The whole demo as one thing to start and end: for `python -m demo` and for tests.

async with Demo(folder) as demo:
    await demo.turn("slow_api", on=True)
    ...                       # talk to the chat at demo.url, its control API at demo.control
    await demo.kill_assistant()
    await demo.start_assistant()
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import aiohttp

from demo import environment, workshop
from demo.children import Child, DemoError
from demo.environment import Keys, Layout
from demo.ports import check_free, free_ports
from demo.shop.supervision import write_configuration

SUPERVISOR = "supervisord"
READY_WITHIN = 90.0  # seconds, for each part: a busy machine takes its time
_LOOK_EVERY = 0.05
_NOT_YET = (aiohttp.ClientError, TimeoutError, OSError, KeyError, ValueError)


def _quiet(_text: str) -> None:
    pass


class Demo:
    """A shop, a chat and the assistant, each in its own processes on 127.0.0.1.

    `env` is laid over the assistant's environment, `shop_env` over the shop's. Without
    `assistant` everything else runs, and `start_assistant` starts it when wanted.
    """

    def __init__(  # noqa: PLR0913  # all but the folder have a default
        self,
        folder: Path,
        *,
        page_port: int = 0,
        fresh: bool = False,
        assistant: bool = True,
        command: Sequence[str] = ("-m", "bot", "run"),
        env: Mapping[str, str] | None = None,
        shop_env: Mapping[str, str] | None = None,
        tell: Callable[[str], None] = _quiet,
    ) -> None:
        web, supervisor, panel = free_ports(3)
        self.layout = Layout(
            folder=folder.resolve(),
            keys=Keys(),
            web_port=web,
            supervisor_port=supervisor,
            panel_port=panel,
        )
        self.url = ""
        self.assistant: Child | None = None
        self.children: list[Child] = []
        self._page_port = page_port
        self._fresh = fresh
        self._with_assistant = assistant
        self._command = tuple(command)
        self._env = dict(env or {})
        self._shop_env = dict(shop_env or {})
        self._tell = tell
        self._stack = AsyncExitStack()
        self._session: aiohttp.ClientSession

    @property
    def control(self) -> str:
        """The emulator's control API."""
        return f"{self.url}/control"

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            check_free(self._page_port)
            stack.enter_context(workshop.claimed(self.layout.folder))
            self._session = await stack.enter_async_context(aiohttp.ClientSession())
            workshop.forget_the_past(self.layout.folder)
            await asyncio.to_thread(
                workshop.prepare_database, self.layout.database, fresh=self._fresh, tell=self._tell
            )
            stack.push_async_callback(self._stop_all)
            await self._start_all()
            if self._with_assistant:
                await self.start_assistant()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def start_assistant(self, **env: str) -> Child:
        """Start `python -m bot run` and wait until updates come in, either way.

        `env` is laid over its environment for this start.
        """
        settings = environment.of_assistant(self.layout, self.url)
        before = await self._polls()
        settings |= {**self._env, **env}
        self.assistant = await self._start("assistant", settings, *self._command)
        await self._until("the assistant", self.assistant, lambda: self._polled_since(before))
        self._tell(f"assistant: listening to the chat (process {self.assistant.process.pid})")
        return self.assistant

    async def stop_assistant(self) -> int:
        """End it with SIGTERM; returns its exit code."""
        return await self._assistant().stop()

    async def kill_assistant(self) -> None:
        """End it with SIGKILL."""
        await self._assistant().kill()

    async def switches(self) -> list[dict[str, Any]]:
        async with self._session.get(
            f"{self.layout.panel_url}/switches", raise_for_status=True
        ) as answer:
            return list(await answer.json())

    async def turn(self, switch: str, *, on: bool) -> dict[str, Any]:
        async with self._session.post(
            f"{self.layout.panel_url}/switches/{switch}", json={"on": on}, raise_for_status=True
        ) as answer:
            return dict(await answer.json())

    async def first_death(self) -> Child:
        """Wait until a process ends that nobody has ended."""
        while True:
            for child in self.children:
                if child.wanted and not child.alive:
                    return child
            await asyncio.sleep(0.2)

    async def _start_all(self) -> None:
        """Start everything but the assistant side by side, then wait for each to answer."""
        layout, env = self.layout, environment.of_shop(self.layout) | self._shop_env
        configuration = str(write_configuration(layout.folder, layout.supervisor_url))
        supervisor = await self._start(
            SUPERVISOR, env, "-m", "supervisor.supervisord", "-n", "-c", configuration
        )
        panel = await self._start(
            "switches", env, "-m", "demo.shop.switches", "--port", str(layout.panel_port)
        )
        chat = await self._start(
            "telegram",
            environment.bare(),
            *("-m", "demo.telegram", "--port", str(self._page_port)),
            *("--token", layout.keys.bot, "--panel-url", layout.panel_url),
        )
        await self._until("the web API", supervisor, self._web_is_up)
        self._tell(f"shop: web API on {layout.web_url}, scheduler under supervisord")
        await panel.address()
        self.url = await chat.address()
        self._tell(f"chat: {self.url}")

    async def _start(self, name: str, env: Mapping[str, str], *command: str) -> Child:
        child = await Child.start(name, command, env=env, folder=self.layout.folder)
        self.children = [other for other in self.children if other.name != name] + [child]
        return child

    async def _stop_all(self) -> None:
        """End the assistant first: it must not see the rest go."""
        if self.assistant:
            await self.assistant.stop()
        # supervisord has nothing to lose, and would end its programs one by one, a second each.
        await asyncio.gather(
            *(child.cut() if child.name == SUPERVISOR else child.stop() for child in self.children)
        )

    async def _until(self, what: str, child: Child, ready: Callable[[], Any]) -> None:
        try:
            async with asyncio.timeout(READY_WITHIN):
                while True:
                    child.must_live()
                    try:
                        if await ready():
                            return
                    except _NOT_YET:
                        pass
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError as error:
            tail = child.output()[-2000:]
            raise DemoError(f"{what} does not get ready; see {child.log}\n{tail}") from error

    async def _web_is_up(self) -> bool:
        async with self._session.get(f"{self.layout.web_url}/healthz") as answer:
            return answer.status == 200  # noqa: PLR2004  # OK

    async def _polls(self) -> int:
        async with self._session.get(f"{self.control}/calls") as answer:
            methods = (await answer.json())["methods"]
        ways = {"getupdates", "setwebhook"}
        return sum(count for name, count in methods.items() if name.lower() in ways)

    async def _polled_since(self, before: int) -> bool:
        return await self._polls() > before

    def _assistant(self) -> Child:
        if self.assistant is None:
            raise DemoError("the assistant has not been started")
        return self.assistant
