"""The log of one service: newest last, tracebacks put together, what repeats counted."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.core import log_reading
from bot.core.keyboard import Colour, Key, Keys
from bot.core.log_reading import ERROR, TRACEBACK, Entry
from bot.core.machine import LogLines
from bot.core.model import Role
from bot.core.params import Param
from bot.core.question import Asking, Command, Live, Page
from bot.core.tools import Service
from bot.core.verbs import Verb
from bot.questions._services import LOG_LINES, SERVICE, logs_keys

LONGEST = 7 * 24 * 60  # minutes
MINUTES = Param(name="minutes", default=60, low=1, high=LONGEST)
FILTER = Param(name="filter", default="", rest=True)
ROOM = 3_000  # characters of one answer
MOST_SHOWN, MOST_FRAMES = 30, 5
LINE = 160  # characters of a line in the chat; the file has more
LIVE = "live"
LIVE_MINUTES = 10  # shown before
FOLLOWED_SECONDS = 120.0
PRESETS = ("ingest", ERROR, "rate", TRACEBACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a question about a log found: `entries` in the order in which they were last."""

    log: LogLines
    minutes: int
    word: str
    entries: list[Entry]

    @property
    def seconds(self) -> int:
        return self.minutes * 60


def command() -> Command:
    return Command(
        name="logs",
        about="A service's log, with a word to look for",
        read=read,
        params=[SERVICE, MINUTES, FILTER],
        role=Role.MANAGER,
        place=64,
        runbooks=[2, 6],
    )


async def read(asking: Asking) -> Page:
    if str(asking.args["filter"]).strip().lower() == LIVE:
        return await _live(asking)
    found = await find(asking)
    return Page(
        template="answers/logs.html.j2",
        values=_values(found),
        keys=keys(Service(str(asking.args["service"])), found),
    )


async def _live(asking: Asking) -> Page:
    """Show the last minutes, and go on for two more."""
    service = Service(str(asking.args["service"]))
    args = {**asking.args, "filter": "", "minutes": LIVE_MINUTES}
    found = await find(replace(asking, args=args))
    return Page(
        template="answers/logs.html.j2",
        values=_values(found),
        keys=[[Key("Stop", Verb.ASK, f"logs {service} {LIVE_MINUTES}", Colour.DANGER)]],
        live=Live(seconds=FOLLOWED_SECONDS, keys=keys(service, found)),
    )


def _values(found: Found) -> dict[str, object]:
    shown = newest(found.entries)
    return {
        "found": found,
        "shown": [(one, short(one.text)) for one in shown],
        "more": len(found.entries) - len(shown),
        "frames": MOST_FRAMES,
    }


async def find(asking: Asking, *, counted: bool = True) -> Found:
    """Look for the entries; `counted` puts together those that are the same."""
    service, minutes = Service(str(asking.args["service"])), asking.number("minutes")
    word = str(asking.args["filter"]).strip()
    since = asking.moment.now - timedelta(minutes=minutes)
    log = await asking.tools.logs.lines(service, since, most=LOG_LINES)
    # Twenty thousand lines take a third of a second, in which nobody's tap would be taken.
    entries = await asyncio.to_thread(_entries, log, word, counted=counted)
    return Found(log=log, minutes=minutes, word=word, entries=entries)


def _entries(log: LogLines, word: str, *, counted: bool) -> list[Entry]:
    found = log_reading.matching(log_reading.entries(log.lines), word)
    if not counted:
        return found
    # Errors are counted over the whole time; in a plain log the order is what is read.
    count = log_reading.grouped if word.lower() in {ERROR, TRACEBACK} else log_reading.told
    return count(found)


def short(text: str) -> str:
    line = log_reading.bare(text)
    return line if len(line) <= LINE else f"{line[: LINE - 1]}…"


def newest(entries: list[Entry]) -> list[Entry]:
    """As many of the last ones as one message holds, whole."""
    room, kept = ROOM, 0
    for entry in reversed(entries):
        room -= min(len(entry.text), LINE) + 20 + 36 * len(entry.frames[:MOST_FRAMES])
        if room < 0 or kept >= MOST_SHOWN:
            break
        kept += 1
    return entries[len(entries) - kept :]


def keys(service: Service, found: Found) -> Keys:
    asked = f"{service} {found.minutes} {found.word}".strip()
    words = [
        Key(word.capitalize(), Verb.ASK, f"logs {service} {found.minutes} {word}")
        for word in PRESETS
    ]
    rest = [Key("Refresh", Verb.ASK, f"logs {asked}")]
    if found.entries:
        rest.append(Key("As file", Verb.ASK, f"logs_file {asked}"))
    # "Traceback" is among the words already, for the time that was asked for.
    live = Key("Live 2 min", Verb.ASK, f"logs {service} {LIVE_MINUTES} {LIVE}")
    rest.append(Key("Service", Verb.ASK, f"svc {service}"))
    return [words, [*logs_keys(service)[:2], live], rest]
