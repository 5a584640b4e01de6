from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.machine import Disk, Storage, TableSize
from bot.core.model import Reading, Severity, Status, Unreadable, phrase
from bot.core.runbook import Runbook
from bot.core.tools import DatabaseSize, Tools
from checks.db_growth import (
    SUBJECT,
    Config,
    Sample,
    days_to_limit,
    detect,
    diagnosis,
    growth_per_day,
    judge,
    keep,
)
from tests.checks.fakes import NOON, FakeMemory, FakeSize, moment
from tests.checks.seen import Seen
from tests.checks.shop import Shop
from tests.machine import FakeMachine

GB = 1_000_000_000
DAY = timedelta(days=1)


def size(
    total: float, *, free_disk: float | None = 50, disk: float | None = 100, wal: float = 0
) -> DatabaseSize:
    return DatabaseSize(
        name="sovani_bot.db",
        main_bytes=round((total - wal) * GB),
        wal_bytes=round(wal * GB),
        free_bytes=round(total * GB / 2),
        disk_free_bytes=None if free_disk is None else round(free_disk * GB),
        disk_total_bytes=None if disk is None else round(disk * GB),
    )


def grew(*gigabytes: float) -> list[Sample]:
    """One sample a day; the last one was taken a day ago."""
    ages = range(len(gigabytes), 0, -1)
    return [
        Sample(at=NOON - age * DAY, bytes=round(gb * GB))
        for age, gb in zip(ages, gigabytes, strict=True)
    ]


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(size(0.1), id="small"),
        pytest.param(size(5.0), id="exactly the warning line"),
        pytest.param(size(1, free_disk=15), id="exactly enough disk"),
        pytest.param(size(1, free_disk=None, disk=None), id="a server's disk is not known"),
        pytest.param(size(1, free_disk=0, disk=0), id="a disk of no size tells nothing"),
    ],
)
def test_healthy(found: DatabaseSize) -> None:
    assert judge(found, [], NOON, Config()).status is Status.OK


@pytest.mark.parametrize(
    ("found", "severity", "cause"),
    [
        pytest.param(size(5.01), Severity.WARNING, "size", id="just over the warning line"),
        pytest.param(size(8.0), Severity.WARNING, "size", id="exactly the error line"),
        pytest.param(size(8.01), Severity.ERROR, "size", id="just over the error line"),
        pytest.param(size(5.5, wal=1), Severity.WARNING, "size", id="the log counts too"),
        pytest.param(size(1, free_disk=14.9), Severity.WARNING, "disk", id="disk gets full"),
        pytest.param(size(1, free_disk=4.9), Severity.ERROR, "disk", id="disk is nearly full"),
        pytest.param(size(6, free_disk=4.9), Severity.ERROR, "disk", id="the worse one speaks"),
        pytest.param(size(9, free_disk=10), Severity.ERROR, "size", id="or the other"),
    ],
)
def test_sick(found: DatabaseSize, severity: Severity, cause: str) -> None:
    reading = judge(found, [], NOON, Config())

    assert (reading.status, reading.severity) == (Status.FIRING, severity)
    assert reading.facts["cause"] == cause


def test_the_facts_are_the_same_when_ok_and_when_firing() -> None:
    well = judge(size(3), [], NOON, Config()).facts
    sick = judge(size(6), [], NOON, Config()).facts

    assert well.keys() == sick.keys() - {"cause"}
    assert sick["total_bytes"] == 6 * GB
    assert sick["free_bytes"] == 3 * GB


def test_an_empty_file_is_not_a_small_one() -> None:
    assert judge(size(0), [], NOON, Config()).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("samples", "latest", "growth"),
    [
        pytest.param([], 5.0, None, id="never measured before"),
        pytest.param(grew(4.0), 5.0, 1.0, id="a day ago"),
        pytest.param(grew(1, 2, 3, 4), 5.0, 1.0, id="four days ago"),
        pytest.param(grew(*[0] * 3, *[1] * 7), 8.0, 1.0, id="only the last week counts"),
        pytest.param(grew(9, 2, 3), 4.0, 1.0, id="counted anew after a VACUUM"),
        pytest.param(grew(9, 9), 3.0, None, id="vacuumed since the last sample"),
        pytest.param(grew(5.0), 4.95, -0.05, id="a little smaller is no VACUUM"),
    ],
)
def test_growth(samples: list[Sample], latest: float, growth: float | None) -> None:
    found = growth_per_day(samples, Sample(at=NOON, bytes=round(latest * GB)))

    assert found == (None if growth is None else pytest.approx(growth * GB))


def test_an_hour_is_too_short_to_tell_the_growth() -> None:
    an_hour_ago = [Sample(at=NOON - timedelta(hours=1), bytes=GB)]

    assert growth_per_day(an_hour_ago, Sample(at=NOON, bytes=2 * GB)) is None


@pytest.mark.parametrize(
    ("found", "growth", "days"),
    [
        pytest.param(size(6), 1.0, 4.0, id="up to the practical limit"),
        pytest.param(size(6, free_disk=2), 1.0, 2.0, id="the disk ends earlier"),
        pytest.param(size(11), 1.0, 0.0, id="over it already"),
        pytest.param(size(6), 0.0, None, id="does not grow"),
        pytest.param(size(6), -1.0, None, id="shrinks"),
    ],
)
def test_days_to_the_limit(found: DatabaseSize, growth: float, days: float | None) -> None:
    assert days_to_limit(found, growth * GB, Config()) == days


def test_one_sample_a_day_is_kept_and_none_of_the_future() -> None:
    latest = Sample(at=NOON, bytes=5)
    an_hour_ago = Sample(at=NOON - timedelta(hours=1), bytes=4)
    tomorrow = Sample(at=NOON + DAY, bytes=9)
    long_ago = Sample(at=NOON - 31 * DAY, bytes=1)

    assert keep([], latest) == [latest]
    assert keep([an_hour_ago], latest) == [an_hour_ago]
    assert keep([long_ago, tomorrow], latest) == [latest]
    assert len(keep(grew(*range(40)), latest)) == 31


async def test_a_real_file_is_measured_and_remembered(
    shop: Shop, tools: Tools, say: Callable[[str, Reading], str]
) -> None:
    shop.sell_daily(moment().yesterday)

    [reading] = await detect(tools, moment(), config=Config(warn_bytes=1000))

    assert reading.facts["total_bytes"] == shop.path.stat().st_size
    assert reading.status is Status.FIRING
    assert say("check_db_growth", reading).endswith("kB, the limit is 1 kB")
    kept = await tools.memory.get("db_growth:daily")
    assert kept == [{"at": "2026-11-23T09:00:00Z", "bytes": shop.path.stat().st_size}]


async def test_memory_of_another_release_does_no_harm(tools: Tools) -> None:
    await tools.memory.put("db_growth:daily", {"not": "a list"})

    [reading] = await detect(tools, moment(), config=Config())

    assert reading.facts["growth_bytes_per_day"] is None


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (size(5.6), "The database is 5.6 GB, the limit is 5.0 GB"),
        (size(8.4), "The database is 8.4 GB, close to its limit of 10.0 GB"),
        (
            size(1, free_disk=4, disk=100),
            "The database's disk is nearly full: 4.0 GB free, 4 % of it",
        ),
        (size(3.1), "3.1 GB of 5.0 GB"),
        (size(0), "sovani_bot.db is empty."),
    ],
)
def test_words(found: DatabaseSize, line: str, say: Callable[[str, Reading], str]) -> None:
    assert say("check_db_growth", judge(found, [], NOON, Config())) == line


async def test_the_diagnosis_has_the_last_week(tools: Tools) -> None:
    known = replace(tools, shop=FakeSize(size(5)))
    await detect(known, moment(NOON - DAY), config=Config())
    await detect(known, moment(), config=Config())

    answer = await diagnosis(known, moment(), config=Config())

    days = answer["days"]
    assert isinstance(days, list)
    assert [day["bytes"] for day in days] == [5 * GB, 5 * GB]
    assert answer["growth_bytes_per_day"] == 0


class Shelf:
    """Says how large tables are, and counts how often it is asked."""

    def __init__(self, *sizes: int, broken: bool = False) -> None:
        self.tables = [TableSize(name=f"table_{n}", bytes=size) for n, size in enumerate(sizes)]
        self.broken = broken
        self.asked = 0

    async def storage(self, *, tables: bool = True) -> Storage:
        assert tables
        self.asked += 1
        if self.broken:
            raise Unreadable(phrase("shop_locked", path="x"))
        return Storage(dialect="sqlite", tables=self.tables)

    async def connections(self) -> None:
        return None


async def tables_of(tools: Tools, shelf: Shelf, hours: float) -> object:
    known = replace(tools, shop=FakeSize(size(5)), storage=shelf)
    [reading] = await detect(known, moment(NOON + timedelta(hours=hours)), config=Config())
    return reading.facts.get("tables")


async def test_tables_are_measured_once_a_day_the_largest_only(tools: Tools) -> None:
    shelf = Shelf(*range(40))
    first = await tables_of(tools, shelf, 0)
    assert isinstance(first, dict)
    assert len(first) == 25
    assert first["table_39"] == 39
    assert await tables_of(tools, shelf, 1) is None
    assert await tables_of(tools, shelf, 12.5) is not None  # past midnight in Moscow
    assert shelf.asked == 2


async def test_tables_that_cannot_be_measured_wait_for_the_next_day(tools: Tools) -> None:
    broken = Shelf(broken=True)
    assert await tables_of(tools, broken, 0) is None
    assert await tables_of(tools, broken, 1) is None
    assert broken.asked == 1


SHOP = Disk(mount="/", total_bytes=100 * GB, free_bytes=80 * GB, holds=["system", "shop"])


def disk(free_pct: float, *holds: str, mount: str = "/var/lib/sovani-ops") -> Disk:
    return Disk(mount=mount, total_bytes=20 * GB, free_bytes=round(free_pct * GB / 5), holds=holds)


async def others(tools: Tools, *disks: Disk, opened: tuple[str, ...] = ()) -> list[Reading]:
    seeing = replace(tools, shop=FakeSize(size(1)), host=FakeMachine(ours=disks))
    known = replace(seeing, memory=FakeMemory())
    at = moment(opened=dict.fromkeys(opened, NOON))
    first, *found = await detect(known, at, config=Config())
    assert first.subject == SUBJECT
    return found


@pytest.mark.parametrize(
    ("free_pct", "severity"),
    [(15, None), (14.9, Severity.WARNING), (5, Severity.WARNING), (4.9, Severity.ERROR)],
)
async def test_the_disk_of_our_own_tables_is_judged_where_it_is_another(
    tools: Tools,
    say: Callable[[str, Reading], str],
    free_pct: float,
    severity: Severity | None,
) -> None:
    [reading] = await others(tools, SHOP, disk(free_pct, "state", "archive"))
    assert reading.subject == "disk /var/lib/sovani-ops"
    if severity is None:
        assert reading.status is Status.OK
        assert say("check_db_growth", reading) == "3.0 GB free, 15 % of it"
    else:
        assert (reading.status, reading.severity) == (Status.FIRING, severity)
        start = "The disk of the assistant's tables and the archives is nearly full: "
        assert say("check_db_growth", reading).startswith(start)


async def test_disks_of_the_shop_and_of_nobody_are_no_others(tools: Tools) -> None:
    together = disk(1, "shop", "state", "archive")
    assert await others(tools, together, disk(1, "system", mount="/boot")) == []


async def test_archives_on_a_disk_of_their_own_are_another_subject(tools: Tools) -> None:
    found = await others(
        tools, disk(50, "system", "state", mount="/"), disk(2, "archive", mount="/mnt/cold")
    )
    assert {one.subject: one.status for one in found} == {
        "disk /": Status.OK,
        "disk /mnt/cold": Status.FIRING,
    }


async def test_a_disk_that_cannot_be_seen_stays_open(tools: Tools) -> None:
    cold = "disk /mnt/cold"
    found = await others(tools, SHOP, disk(50, "state"), opened=(cold, SUBJECT))
    assert [(one.subject, one.status) for one in found] == [
        ("disk /var/lib/sovani-ops", Status.OK),
        (cold, Status.UNKNOWN),
    ]


async def test_a_disk_that_holds_nothing_of_ours_any_more_is_over(tools: Tools) -> None:
    found = await others(tools, SHOP, disk(50, "state", "archive"), opened=("disk /mnt/cold",))
    assert [one.subject for one in found] == ["disk /var/lib/sovani-ops"]


def test_vacuum_is_for_the_database_only(runbooks: dict[str, Runbook]) -> None:
    repairs = runbooks["check_db_growth"].repairs
    assert (repairs(SUBJECT), repairs("disk /var/lib/sovani-ops")) == (True, False)


async def seen(_shop: Shop, tools: Tools) -> Seen:
    widest = DatabaseSize(
        name="a_database_with_quite_a_long_name_of_its_own.db",
        main_bytes=987_654_321_012,
        wal_bytes=123_456_789_012,
        free_bytes=456_789_012_345,
        disk_free_bytes=98_765_432_109,
        disk_total_bytes=12_345_678_901_234,
    )
    full = await others(tools, disk(3, "state", "archive"))
    free = await others(tools, disk(40, "state", "archive"))
    return Seen(
        usual=[judge(size(5.6), grew(5.2, 5.3, 5.4, 5.5), NOON, Config()), *full],
        widest=[
            *await others(
                tools,
                disk(
                    4.5,
                    "state",
                    "archive",
                    mount="/srv/a/rather/long/mount/point/of/the/archives/of/the/assistant",
                ),
            ),
            judge(size(1, free_disk=4.9), [], NOON, Config()),
            judge(widest, grew(900, 920, 940), NOON, Config()),
        ],
        well=[judge(size(3.1), grew(3.0), NOON, Config()), *free],
        tools=replace(tools, shop=FakeSize(widest)),
    )
