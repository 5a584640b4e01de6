"""Commands and taps: updates a second and CPU an update, against a bare aiogram bot.

Both bots take turns on one emulator, each with a process that was started for its turn. The
load is a burst: all updates wait in Telegram's queue when the clock starts.
"""

import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from benchmarks import Options
from benchmarks._report import Bar, Report, Table, figure
from benchmarks._shops import ShopPlan, shop_file
from benchmarks._stage import LASTING, Stage, data_of, stage
from demo.children import Child
from demo.telegram import ANN, SHOP_TEAM, Json

BARE, CAREFUL, ASSISTANT = "bare aiogram", "bare, one at a time", "assistant"
COMMAND, TAP, CHANGE = "/whoami", "tap", "tap that changes the card"
WARM_UP = 100
HALF = 0.5
CPU_MS = 2.0
ANSWERS = {COMMAND: "sendMessage", TAP: "answerCallbackQuery", CHANGE: "answerCallbackQuery"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """What a burst of `count` updates took, in seconds."""

    count: int
    wall: float
    cpu: float

    @property
    def per_second(self) -> float:
        return self.count / self.wall

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu / self.count


Found = dict[tuple[str, str], list[Burst]]


async def run(options: Options) -> Report:
    times, count = (2, 100) if options.quick else (7, 400)
    found: Found = {}
    shop = shop_file(options.folder, ShopPlan(rows=45_000, days=90))
    with tempfile.TemporaryDirectory(prefix="sovani-ops-chat-") as name:
        async with stage(Path(name)) as chat:
            shutil.copyfile(shop, chat.database)
            for _ in range(times):
                await _turns(chat, count, found)
    return _report(found, count)


async def _turns(chat: Stage, count: int, found: Found) -> None:
    for bot, more in ((BARE, {}), (CAREFUL, {"ONE_AT_A_TIME": "1"})):
        async with chat.bare(**more) as child:
            await chat.quiet()
            await chat.phone.say(ANN, "/start", chat=SHOP_TEAM)
            card = await chat.card(LASTING, "Acknowledge")
            tap = data_of(card, "Acknowledge")
            kinds = {COMMAND: _says(chat), TAP: _taps(chat, card, tap)}
            await _bursts(chat, child, bot, kinds, count, found)
            await chat.phone.delete(ANN, card)
    chat.forget()
    async with chat.assistant() as child:
        card = await chat.card(LASTING, "Acknowledge")
        take = data_of(card, "Acknowledge")
        await chat.phone.tap_and_wait(ANN, card, "Acknowledge")
        give_back = data_of(await chat.card(LASTING, "Give back"), "Give back")
        await chat.quiet()
        kinds = {
            COMMAND: _says(chat),
            TAP: _taps(chat, card, take),
            CHANGE: _taps(chat, card, give_back, take),
        }
        await _bursts(chat, child, ASSISTANT, kinds, count, found)
        await chat.phone.delete(ANN, card)  # the next turn's card is another one


Act = Callable[[int], Awaitable[object]]


def _says(chat: Stage) -> Act:
    one = {"user": ANN, "text": "/whoami"}
    return lambda count: chat.phone.call("POST", "say", [one] * count)


def _taps(chat: Stage, card: Json, *data: str) -> Act:
    """Taps on one card; several buttons take turns."""
    place = {"chat": card["chat_id"], "message_id": card["message_id"]}
    taps = [{"user": ANN, "data": one, "forged": True} | place for one in data]
    return lambda count: chat.phone.call("POST", "tap", (taps * count)[:count])


async def _bursts(  # noqa: PLR0913, PLR0917  # one call in two places
    chat: Stage,
    child: Child,
    bot: str,
    kinds: Mapping[str, Act],
    count: int,
    found: Found,
) -> None:
    for kind, act in kinds.items():
        await _burst(chat, child, kind, act, WARM_UP)
    for kind, act in kinds.items():
        await chat.quiet()
        burst = await _burst(chat, child, kind, act, count)
        found.setdefault((bot, kind), []).append(burst)


async def _burst(chat: Stage, child: Child, kind: str, act: Act, count: int) -> Burst:
    method = ANSWERS[kind]
    goal = await chat.count(method) + count
    process = psutil.Process(child.process.pid)
    cpu, began = _cpu(process), time.perf_counter()
    await act(count)
    await chat.phone.called(method, goal)
    return Burst(count=count, wall=time.perf_counter() - began, cpu=_cpu(process) - cpu)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _report(found: Found, count: int) -> Report:
    rates = {key: median(one.per_second for one in bursts) for key, bursts in found.items()}
    costs = {key: median(one.cpu_ms for one in bursts) for key, bursts in found.items()}
    bars = []
    for kind, bare in ((COMMAND, COMMAND), (TAP, TAP), (CHANGE, TAP)):
        pairs = list(zip(found[ASSISTANT, kind], found[BARE, bare], strict=True))
        bars += [
            Bar(
                what=f"{kind}: updates a second, of the bare bot's",
                measured=median(ours.per_second / theirs.per_second for ours, theirs in pairs),
                limit=HALF,
                unit="×",
                at_least=True,
            ),
            Bar(
                what=f"{kind}: CPU more than the bare bot's, an update",
                measured=median(ours.cpu_ms - theirs.cpu_ms for ours, theirs in pairs),
                limit=CPU_MS,
                unit=" ms",
            ),
        ]
    rows = [
        [f"{bot}, {kind}", figure(rates[bot, kind]), figure(costs[bot, kind]), _spread(bursts)]
        for (bot, kind), bursts in found.items()
    ]
    head = ["bot", "updates/s", "CPU ms an update", "updates/s, lowest to highest"]
    turns = len(found[BARE, TAP])
    return Report(
        title="Commands and taps",
        bars=bars,
        tables=[Table(head=head, rows=rows)],
        notes=[
            f"medians of {turns} turns each, bursts of {count} updates",
            f"{CAREFUL}: confirms an update after its handler, as the assistant does",
            (
                f"{TAP}: `Acknowledge` on a card that is taken; "
                f"{CHANGE}: `Give back` and `Acknowledge` in turn"
            ),
        ],
    )


def _spread(bursts: Sequence[Burst]) -> str:
    rates = [burst.per_second for burst in bursts]
    return f"{min(rates):.0f} to {max(rates):.0f}"
