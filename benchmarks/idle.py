"""What the assistant costs while nothing happens, and whether that stays so, against a bare bot.

Start to first poll, memory, CPU with the usual interval, and growth over rounds and updates.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil

from benchmarks import Options
from benchmarks._report import Bar, Report, Table, figure
from benchmarks._shops import ShopPlan, shop_file
from benchmarks._stage import LASTING, Stage, data_of, stage
from demo.children import Child
from demo.telegram import ANN, Json

MB = 1_000_000
START, MEMORY = 1.5, 1.25  # of the bare bot's
CPU_PERCENT = 1.0  # of one core
GROWTH_MB = 5.0  # what the allocator's own ups and downs may be taken for


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    starts: int = 5
    idle_seconds: float = 310.0  # one round of every check is in it
    warm: int = 2_000
    count: int = 10_000


@dataclass(slots=True)
class Found:
    starts: dict[str, list[float]] = field(default_factory=lambda: {"bare": [], "assistant": []})
    memory: dict[str, list[float]] = field(default_factory=lambda: {"bare": [], "assistant": []})
    cpu: float = 0.0
    updates: list[float] = field(default_factory=list)  # MB after each tenth
    rounds: list[float] = field(default_factory=list)


async def run(options: Options) -> Report:
    plan = Plan(starts=2, idle_seconds=20.0, warm=200, count=1_000) if options.quick else Plan()
    found = Found()
    shop = shop_file(options.folder, ShopPlan(rows=45_000, days=90))
    with tempfile.TemporaryDirectory(prefix="sovani-ops-idle-") as name:
        folder = Path(name)
        async with stage(folder) as chat:
            shutil.copyfile(shop, chat.database)
            async with chat.assistant():  # its tables are made only once
                await chat.card(LASTING)
            for _ in range(plan.starts):
                await _start(chat, found)
            await _stay(chat, plan, found)
        found.rounds = await _rounds(chat.database, plan)
    return _report(found, plan)


async def _start(chat: Stage, found: Found) -> None:
    for name, starting in (("bare", chat.bare), ("assistant", chat.assistant)):
        began = time.perf_counter()
        async with starting() as child:  # entered at the first poll
            found.starts[name].append(time.perf_counter() - began)
            await chat.quiet()
            found.memory[name].append(_memory(child))


async def _stay(chat: Stage, plan: Plan, found: Found) -> None:
    async with chat.assistant() as child:
        await chat.quiet()
        before, began = _cpu(child), time.perf_counter()
        await asyncio.sleep(plan.idle_seconds)
        found.cpu = 100 * (_cpu(child) - before) / (time.perf_counter() - began)
        card = await chat.card(LASTING, "Acknowledge")
        place = {"chat": card["chat_id"], "message_id": card["message_id"], "forged": True}
        tap = {"user": ANN, "data": data_of(card, "Acknowledge")} | place
        await _many_updates(chat, tap, plan.warm)
        for _ in range(10):
            found.updates.append(_memory(child))
            await _many_updates(chat, tap, plan.count // 10)
        found.updates.append(_memory(child))


async def _many_updates(chat: Stage, tap: Json, count: int) -> None:
    """Half of them commands, half of them taps on the card; a hundred at a time."""
    says = {"user": ANN, "text": "/whoami"}
    acts = (("answerCallbackQuery", "tap", tap), ("sendMessage", "say", says))
    for _ in range(count // 200):
        for method, path, one in acts:
            goal = await chat.count(method) + 100
            await chat.phone.call("POST", path, [one] * 100)
            await chat.phone.called(method, goal)
    await chat.quiet()


async def _rounds(database: Path, plan: Plan) -> list[float]:
    """Rounds of the checks, one after the other, in a process of their own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks._many_rounds"),
        *(str(database), str(plan.warm), str(plan.count)),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("the rounds broke off; see above")
    return [float(line) for line in output.decode().split()]


def _memory(child: Child) -> float:
    return float(psutil.Process(child.process.pid).memory_info().rss) / MB


def _cpu(child: Child) -> float:
    times = psutil.Process(child.process.pid).cpu_times()
    return float(times.user + times.system)


def _report(found: Found, plan: Plan) -> Report:
    starts = {name: median(all_) for name, all_ in found.starts.items()}
    memory = {name: median(all_) for name, all_ in found.memory.items()}
    bars = [
        _bar("start to first poll", starts["assistant"] / starts["bare"], START, "×"),
        _bar("memory, idle", memory["assistant"] / memory["bare"], MEMORY, "×"),
        _bar("CPU, idle, of one core", found.cpu, CPU_PERCENT, " %"),
        _bar(f"growth over {plan.count:,} updates", _growth(found.updates), GROWTH_MB, " MB"),
        _bar(f"growth over {plan.count:,} rounds", _growth(found.rounds), GROWTH_MB, " MB"),
    ]
    rows = [[name, figure(starts[name]), figure(memory[name])] for name in ("bare", "assistant")]
    tenths = [
        [what, *(f"{one:.1f}" for one in found_)]
        for what, found_ in (("updates", found.updates), ("rounds", found.rounds))
    ]
    return Report(
        title="While nothing happens",
        bars=bars,
        tables=[
            Table(head=["bot", "first poll after, s", "memory, MB"], rows=rows),
            Table(head=["MB after", *(f"{tenth}/10" for tenth in range(11))], rows=tenths),
        ],
        notes=[
            f"medians of {plan.starts} starts in turn; the assistant's tables exist already",
            f"CPU over {plan.idle_seconds:g} s with a check's interval of 300 s",
            f"growth: the last three tenths against the first three, after {plan.warm:,} before",
            "updates: half of them `/whoami`, half of them `Acknowledge` on a card that is taken",
        ],
    )


def _bar(what: str, measured: float, limit: float, unit: str) -> Bar:
    return Bar(what=what, measured=measured, limit=limit, unit=unit)


def _growth(tenths: list[float]) -> float:
    return median(tenths[-3:]) - median(tenths[:3])
