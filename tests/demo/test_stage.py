"""The demo as a whole: it starts, breaks, ends, and leaves nobody behind."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import psutil
import pytest

from demo import environment
from demo.children import Child, DemoError
from demo.ports import check_free, free_ports
from demo.shop.data.build import usable
from demo.stage import Demo
from demo.upkeep import keep_alive
from tests.demo.shop.kit import until

POLLER = """
import os, time, urllib.request
url = f"{os.environ['TELEGRAM_API_URL']}/bot{os.environ['BOT_TOKEN']}/getUpdates"
print(sorted(os.environ))
while True:
    urllib.request.urlopen(url).read()
    time.sleep(0.05)
"""


@pytest.fixture
def poller(tmp_path: Path) -> Sequence[str]:
    """Return a stand-in for the assistant: it only asks for updates."""
    path = tmp_path / "poller.py"
    path.write_text(POLLER)
    return (str(path),)


def family(demo: Demo) -> list[psutil.Process]:
    return [
        process
        for child in demo.children
        for process in (psutil.Process(child.process.pid), *child.family())
    ]


def gone(processes: Sequence[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


async def test_a_demo_builds_a_shop_breaks_it_and_ends_with_all_its_processes(
    tmp_path: Path, poller: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "the-users-own-token")
    monkeypatch.setenv("MANAGER_CHAT_ID", "42")
    told: list[str] = []
    async with Demo(tmp_path / "work", command=poller, tell=told.append) as demo:
        processes = family(demo)
        assert len(processes) == 4 + 3, "ours, and three under the supervisor"
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{demo.url}/panel/switches") as answer,
        ):
            assert {view["on"] for view in await answer.json()} == {False}
        assert (await demo.turn("negative_cash", on=True))["on"] is True

        assert demo.assistant is not None
        seen = demo.assistant.output()
        assert "'BOT_TOKEN'" in seen
        assert "MANAGER_CHAT_ID" not in seen, "nothing of the user's environment leaks in"
        assert environment.of_assistant(demo.layout, demo.url)["BOT_TOKEN"] == demo.layout.keys.bot
        first = demo.assistant.process.pid
        await demo.kill_assistant()
        assert not psutil.pid_exists(first)
        await demo.start_assistant()
        assert demo.assistant.process.pid != first
        assert await demo.stop_assistant() == -signal.SIGTERM
    assert gone(processes)
    assert len(told) >= 4

    async with Demo(tmp_path / "work", assistant=False) as again:
        with pytest.raises(DemoError, match="is running"):
            await Demo(tmp_path / "work", assistant=False).__aenter__()
        on = {view["id"]: view["on"] for view in await again.switches()}
        assert on["negative_cash"] is True, "the shop is kept"
        assert usable(again.layout.database)


async def test_an_assistant_that_cannot_start_ends_the_demo_with_its_words(
    demo_folder: Path,
) -> None:
    words = ("-c", "raise SystemExit('BOT_TOKEN: Field required')")
    demo = Demo(demo_folder, command=words)
    with pytest.raises(DemoError, match="BOT_TOKEN: Field required"):
        await demo.__aenter__()
    assert demo.children
    assert not any(child.alive for child in demo.children)


async def test_a_dead_assistant_is_started_again_and_without_the_chat_the_demo_ends(
    demo_folder: Path, poller: Sequence[str]
) -> None:
    told: list[str] = []
    async with Demo(demo_folder, command=poller) as demo:
        first = demo.assistant
        assert first is not None
        first.process.kill()
        async with asyncio.TaskGroup() as group:
            upkeep = group.create_task(keep_alive(demo, told.append))

            async def replaced() -> bool:
                return demo.assistant is not first

            await until(replaced)
            upkeep.cancel()
        assert "assistant has ended (exit code -9)" in told[0]

        await demo.kill_assistant()  # intended: nobody minds
        chat = next(child for child in demo.children if child.name == "telegram")
        chat.process.kill()
        with pytest.raises(DemoError, match=r"telegram has ended \(exit code -9\)"):
            await asyncio.wait_for(keep_alive(demo, told.append), 5)


async def test_a_port_in_use_is_named_with_the_way_out() -> None:
    port = free_ports(1)[0]
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    async with server:
        with pytest.raises(DemoError, match=rf"Port {port} .*--port {port + 1}"):
            check_free(port)


async def run_shop(folder: Path) -> Child:
    """Start a demo without the assistant in a process of its own."""
    code = (
        "import asyncio, sys, pathlib\n"
        "from demo.stage import Demo\n"
        "async def main():\n"
        "    async with Demo(pathlib.Path(sys.argv[1]), assistant=False) as demo:\n"
        "        print('listening on ' + demo.url, flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    env = environment.bare()
    return await Child.start("demo", ("-c", code, str(folder)), env=env, folder=folder.parent)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
async def test_a_demo_killed_with_9_takes_everything_with_it(demo_folder: Path) -> None:
    demo = await run_shop(demo_folder)
    await demo.address()
    processes = demo.family()
    assert len(processes) == 3 + 3
    await demo.kill()

    async def all_gone() -> bool:
        return gone(processes)

    await until(all_gone)
    async with Demo(demo_folder, assistant=False) as again:
        assert await again.switches()


async def test_the_command_line_ends_by_itself_and_by_a_signal(demo_folder: Path) -> None:
    port = free_ports(1)[0]
    options = ["--port", str(port), "--no-open", "--folder", str(demo_folder)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo", *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": str(environment.ROOT)},
    )
    assert process.stdout is not None
    while b"shop: web API" not in (line := await process.stdout.readline()):
        assert line, "it ended early"
    processes = psutil.Process(process.pid).children(recursive=True)
    assert processes
    process.send_signal(signal.SIGINT)
    rest = await process.stdout.read()
    assert await process.wait() == 0, rest.decode()
    assert b"Everything has ended." in rest
    assert gone(processes)
