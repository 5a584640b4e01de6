"""Numbers and times as people on a phone read them. Every template has these as filters."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

NARROW = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
UNITS = ("B", "kB", "MB", "GB", "TB")
LONG = 1e15  # a number of more digits says nothing, and is wider than a phone
MINUTE, HOUR, DAY = 60, 3600, 86_400


def num(value: float, digits: int = 0) -> str:
    """12345.6 → "12 346": thin spaces between thousands, a real minus. 9e307 → "9.00e+307"."""
    form = f",.{digits}f" if abs(value) < LONG else ".2e"
    text = f"{abs(value):{form}}".replace(",", NARROW)
    negative = value < 0 and any(mark in "123456789" for mark in text)
    return f"{MINUS}{text}" if negative else text


def rub(value: float) -> str:
    """15000 → "15 000 ₽"; kopecks are never shown, the minus is a real one."""
    return f"{num(value)} ₽"


def size(value: float) -> str:
    """5_600_000_000 → "5.6 GB", decimal units as disks are sold."""
    number = float(value)
    for unit in UNITS:
        if abs(number) < 999.5 or unit == UNITS[-1]:  # noqa: PLR2004  # four digits never show
            digits = 1 if unit not in UNITS[:2] and abs(number) < 99.95 else 0  # noqa: PLR2004
            return f"{num(number, digits)} {unit}"
        number /= 1000
    raise AssertionError  # the last unit always returns


def ms(value: float) -> str:
    return f"{num(value)} ms"


def pct(value: float) -> str:
    """97.5 → "97.5 %", 100.0 → "100 %", 12345.6 → "12 346 %"."""
    digits = 0 if float(value).is_integer() or abs(value) >= 1000 else 1  # noqa: PLR2004  # nobody reads the last of five digits
    return f"{num(value, digits)} %"


def dur(seconds: float) -> str:
    """How long, in the two largest units: "43 min", "2 h 5 min", "3 d 4 h"."""
    if 0 < seconds < 1:
        return "under 1 s"
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    large, small, span, part = (
        (whole // HOUR, whole % HOUR // MINUTE, "h", "min")
        if whole < DAY
        else (whole // DAY, whole % DAY // HOUR, "d", "h")
    )
    return f"{large} {span} {small} {part}" if small else f"{large} {span}"


def day(value: str | date) -> str:
    """2026-11-22 → "22 Nov"."""
    when = value if isinstance(value, date) else date.fromisoformat(value[:10])
    return f"{when.day} {when:%b}"


def moment(value: str | datetime) -> datetime:
    when = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def unix(value: str | datetime) -> int:
    """Seconds since 1970, for Telegram's `<tg-time>`."""
    return int(moment(value).timestamp())


def dated_filter(zone: ZoneInfo) -> Callable[[str | datetime], str]:
    def dated(value: str | datetime) -> str:
        """The time in `APP_TIMEZONE` with its day, for what will be read on another one."""
        when = moment(value).astimezone(zone)
        return f"{when.day} {when:%b %H:%M}"

    return dated


def local_filter(zone: ZoneInfo, clock: Callable[[], datetime]) -> Callable[[str | datetime], str]:
    dated = dated_filter(zone)

    def local(value: str | datetime) -> str:
        """The time in `APP_TIMEZONE`: "14:25" today, "22 Nov 14:25" on any other day."""
        when = moment(value).astimezone(zone)
        if when.date() == clock().astimezone(zone).date():
            return f"{when:%H:%M}"
        return dated(when)

    return local
