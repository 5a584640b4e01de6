"""When each scheduled thing is due, by the settings; a wrong one stops the start."""

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from bot import schedules
from bot.core.planned import Planned, Plans, When
from bot.core.schedule import Scheduled
from bot.edges import schedules as words
from bot.settings import Settings

OFF_UNLESS_WANTED = "missed_jobs"  # RESTART_MISSED_JOBS
ANYWHERE = ZoneInfo("UTC")  # a line is right or wrong wherever it is read


def plans(settings: Settings) -> Plans:
    """Of settings that are right: `wrong_lines` has nothing to say about them."""
    return Plans(
        zone=settings.app_timezone,
        known={
            name: _planned(one, _when(one, settings)) for name, one in schedules.load().items()
        },
    )


def wrong_lines(schedule: Mapping[str, str]) -> Iterator[str]:
    """One line for each mistake in `SCHEDULE__<NAME>`, with its name."""
    known = schedules.load()
    for name, line in schedule.items():
        setting = _setting(name)
        if name not in known:
            yield f"{setting}: there is no such schedule, but {', '.join(sorted(known))}"
            continue
        try:
            words.when(setting, line, ANYWHERE)
        except ValueError as error:
            yield f"{error}, or off (for example {known[name].when})"


def _planned(one: Scheduled, when: When | None) -> Planned:
    return Planned(
        name=one.name, title=one.title, about=one.about, when=when, usual=one.when, now=one.now
    )


def _when(one: Scheduled, settings: Settings) -> When | None:
    if one.name == OFF_UNLESS_WANTED and not settings.restart_missed_jobs:
        return None
    line = settings.schedule.get(one.name, one.when)
    return words.when(_setting(one.name), line, settings.zone)


def _setting(name: str) -> str:
    return f"SCHEDULE__{name.upper()}"
