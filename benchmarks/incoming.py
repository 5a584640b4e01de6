"""200 requests with alerts a second for a minute: none lost, the chat within its limits.

Against the bare server of `_bare_server`, sent by the same program in the same run.
"""

import asyncio
import hashlib
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import psutil

from benchmarks import Options
from benchmarks._report import Bar, Report, Table, figure
from benchmarks._sender import RATE, TOKEN, worst
from benchmarks._shops import ShopPlan, shop_file
from benchmarks._stage import Stage, stage
from benchmarks._stats import p99, quantile
from demo import environment
from demo.children import Child
from demo.ports import HOST, free_ports
from demo.telegram import SHOP_TEAM

MB = 1_000_000
P99_MS, CPU_PERCENT, SHOWN_SECONDS, MEMORY_MB = 200.0, 60.0, 5.0, 60.0
GROUP_PER_MINUTE = 20  # Telegram's own limit; edits count as well
SYNC_EVERY = 0.1  # seconds
PATIENCE = 60.0  # seconds for the worst alert to be on show
TO_THE_CHAT = ("sendmessage", "editmessagetext")
# The stage takes the assistant's own pace away; here it is part of what is measured.
USUAL_PACE = {"TELEGRAM_PER_SECOND": "25", "TELEGRAM_CHAT_BURST": "3"}
Worst = Callable[[], Awaitable[float]]  # seconds until the worst alert was on show


@dataclass(slots=True, kw_only=True)
class Run:
    """What came of one server under this load."""

    milliseconds: list[float] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    shown_after: float = 0.0
    cpu: float = 0.0  # percent of one core
    memory: float = 0.0  # MB more at the end
    syncs: list[float] = field(default_factory=list)  # ms, of the disk by itself meanwhile

    @property
    def not_taken(self) -> int:
        return sum(count for what, count in self.answers.items() if what != "200")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the tables and the chat made of it."""

    alerts: int
    lost: int
    requests: int
    refused: int


async def run(options: Options) -> Report:
    seconds = 10.0 if options.quick else 60.0
    shop = shop_file(options.folder, ShopPlan(rows=45_000, days=90))
    with tempfile.TemporaryDirectory(prefix="sovani-ops-incoming-") as name:
        folder = Path(name)
        bare = await _bare(folder, min(seconds, 20.0))
        async with stage(folder) as chat:
            shutil.copyfile(shop, chat.database)
            ours, said = await _assistant(chat, seconds)
    return _report(bare, ours, said, seconds)


async def _bare(folder: Path, seconds: float) -> Run:
    command = ("-m", "benchmarks._bare_server")
    child = await Child.start("server", command, env=environment.bare(), folder=folder)
    try:
        return await _loaded(await child.address(), child, seconds, _no_chat, folder)
    finally:
        await child.stop()


async def _no_chat() -> float:
    return 0.0


async def _assistant(chat: Stage, seconds: float) -> tuple[Run, Said]:
    address = f"{HOST}:{free_ports(1)[0]}"
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    env = {"HTTP_LISTEN": address, "API_TOKENS": f"benchmark:sender:{digest}"}
    async with chat.assistant(**env, **USUAL_PACE) as child:
        await chat.quiet()
        await chat.phone.limits(on=True)
        before = await _requests(chat)
        url = f"http://{address}"
        found = await _loaded(url, child, seconds, lambda: _shown(chat, seconds), chat.folder)
        states = _states(chat.state)
        said = Said(
            alerts=len(states),
            lost=sum(states.get(title) != told for title, told in found.last.items()),
            requests=await _requests(chat) - before,
            refused=int((await chat.phone.calls())["refused_by_limits"]),
        )
    return found, said


async def _loaded(url: str, child: Child, seconds: float, shown: Worst, folder: Path) -> Run:
    """Send it all to a server; the sender says when it begins, and when the worst goes out."""
    server = psutil.Process(child.process.pid)
    command = ("-m", "benchmarks._sender", url, str(seconds))
    sender = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=PIPE)
    await _line(sender)
    before, cpu, began = server.memory_info().rss, _cpu(server), time.perf_counter()

    async def to_the_end() -> Run:
        output, _ = await sender.communicate()
        if sender.returncode:
            raise RuntimeError("the sender broke off; see above")
        return Run(
            **json.loads(output),
            cpu=100 * (_cpu(server) - cpu) / (time.perf_counter() - began),
            memory=(server.memory_info().rss - before) / MB,
        )

    await _line(sender)
    over = Event()
    disk = asyncio.create_task(asyncio.to_thread(_syncs, folder, over))  # noqa: TID251  # awaited
    try:
        found, after = await asyncio.gather(to_the_end(), shown())
    finally:
        over.set()
    found.shown_after = after
    found.syncs = await disk
    return found


def _syncs(folder: Path, over: Event) -> list[float]:
    """What a small write costs on this disk: each answer of ours waits for one."""
    taken: list[float] = []
    with (folder / "sync").open("ab") as file:
        while not over.wait(SYNC_EVERY):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    return taken


async def _line(sender: Process) -> None:
    assert sender.stdout is not None  # noqa: S101  # it is a pipe
    await sender.stdout.readline()


async def _shown(chat: Stage, seconds: float) -> float:
    began, number = time.perf_counter(), worst(seconds)

    def named(message: dict[str, object]) -> bool:
        return bool(message["out"]) and f"Trouble {number}" in str(message["text"])

    await chat.phone.wait_for(SHOP_TEAM, named, timeout=PATIENCE)
    return time.perf_counter() - began


async def _requests(chat: Stage) -> int:
    return sum([await chat.count(method) for method in TO_THE_CHAT])


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _states(state: Path) -> dict[str, str]:
    """What the tables say of each alert, by its title."""
    query = "SELECT subject, state FROM alerts WHERE \"check\" LIKE 'external%' ORDER BY id"
    with closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as connection:
        rows = connection.execute(query).fetchall()
    return {
        subject.rpartition(" ")[0]: "resolved" if state == "resolved" else "firing"
        for subject, state in rows
    }


def _report(bare: Run, ours: Run, said: Said, seconds: float) -> Report:
    sent = round(seconds * RATE)
    disk = ", ".join(figure(quantile(share, ours.syncs)) for share in (0.5, 0.99, 1.0))
    bars = [
        _bar(f"of {sent:,} requests not answered with 200", ours.not_taken, 0),
        _bar(f"of {said.alerts:,} alerts not kept as they were told last", said.lost, 0),
        _bar("answer, p99", p99(ours.milliseconds), P99_MS, " ms"),
        _bar("CPU, of one core", ours.cpu, CPU_PERCENT, " %"),
        _bar("requests to the group's chat in the time", said.requests, GROUP_PER_MINUTE),
        _bar("of them refused by Telegram's limits", said.refused, 0),
        _bar("the worst alert on show after", ours.shown_after, SHOWN_SECONDS, " s"),
        _bar("memory, growth", ours.memory, MEMORY_MB, " MB"),
    ]
    ratios = [
        "ratio",
        *(
            f"{ours_ / bare_:.1f}×"
            for ours_, bare_ in zip(_figures(ours), _figures(bare), strict=True)
        ),
    ]
    rows = [
        ["bare server", *map(figure, _figures(bare))],
        ["assistant", *map(figure, _figures(ours))],
        ratios,
    ]
    return Report(
        title="Incoming alerts, 200 requests a second",
        bars=bars,
        tables=[Table(head=["server", "p50, ms", "p99, ms", "CPU, % of a core"], rows=rows)],
        notes=[
            f"{seconds:g} s; of ten requests four begin an alert, four repeat one, two end one",
            "four formats in turn; an answer is timed from when its request was due",
            "bare: aiohttp that reads the JSON, answers the same and keeps nothing",
            f"slowest answer {figure(max(ours.milliseconds))} ms",
            f"the disk by itself meanwhile, 4 kB and fdatasync, p50, p99 and slowest: {disk} ms",
        ],
    )


def _bar(what: str, measured: float, limit: float, unit: str = "") -> Bar:
    return Bar(what=what, measured=measured, limit=limit, unit=unit)


def _figures(run_: Run) -> list[float]:
    return [quantile(0.5, run_.milliseconds), p99(run_.milliseconds), run_.cpu]
