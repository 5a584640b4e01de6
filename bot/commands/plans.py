"""When each scheduled thing is due, by the settings; a wrong one stops the start."""

from zoneinfo import ZoneInfo

from bot import schedules
from bot.core.planned import Planned, Plans, When
from bot.core.schedule import Scheduled
from bot.edges import schedules as words
from bot.settings import Settings

OFF_UNLESS_WANTED = "missed_jobs"  # RESTART_MISSED_JOBS


class WrongSchedule(ValueError):  # noqa: N818  # a setting is wrong, not the program
    """One line about a setting, with its name."""


def plans(settings: Settings) -> Plans:
    known = schedules.load()
    if strangers := sorted(settings.schedule.keys() - known.keys()):
        raise WrongSchedule(
            f"SCHEDULE__{strangers[0].upper()}: there is no such schedule, "
            f"but {', '.join(sorted(known))}"
        )
    return Plans(
        zone=settings.app_timezone,
        known={
            name: _planned(one, _when(one, settings, settings.zone)) for name, one in known.items()
        },
    )


def _planned(one: Scheduled, when: When | None) -> Planned:
    return Planned(
        name=one.name, title=one.title, about=one.about, when=when, usual=one.when, now=one.now
    )


def _when(one: Scheduled, settings: Settings, zone: ZoneInfo) -> When | None:
    if one.name == OFF_UNLESS_WANTED and not settings.restart_missed_jobs:
        return None
    name = f"SCHEDULE__{one.name.upper()}"
    try:
        return words.when(name, settings.schedule.get(one.name, one.when), zone)
    except ValueError as error:
        raise WrongSchedule(f"{error}, or off (for example {one.when})") from error
