from pathlib import Path

import pytest

from bot.core.tools import DatabaseSize
from bot.doctor import disk
from bot.doctor.disk import Room
from tests.checks.shop import Shop
from tests.doctor.patient import case, told

GB = 10**9


@pytest.mark.parametrize(
    ("free", "verdict", "said"),
    [
        (40 * GB, "ok", "40.0 GB free (40 %); VACUUM needs 21.0 GB."),
        (20 * GB, "warning", "20.0 GB free (20 %), too little for VACUUM"),
        (14 * GB, "warning", "14.0 GB free (14 %)"),
        (4 * GB, "broken", "4.0 GB free (4 %)"),
    ],
)
def test_room_on_the_disk(free: int, verdict: str, said: str) -> None:
    result = disk.judge(Room(free=free, total=100 * GB, vacuum=21 * GB))
    assert told(result)[1] == verdict
    assert said in told(result)[2]


def test_vacuum_needs_twice_the_final_size_where_its_copy_is_on_the_same_disk() -> None:
    size = DatabaseSize(
        name="shop.db",
        main_bytes=15 * GB,
        wal_bytes=0,
        free_bytes=5 * GB,
        disk_free_bytes=40 * GB,
        disk_total_bytes=100 * GB,
    )
    assert disk.room(size, shared=True).vacuum == 21 * GB
    assert disk.room(size, shared=False).vacuum == pytest.approx(10.5 * GB)


async def test_a_real_disk(tmp_path: Path) -> None:
    Shop(tmp_path / "shop.db")
    [result] = await disk.examine(case(tmp_path))
    assert "free (" in told(result)[2]


async def test_without_a_file_there_is_no_disk_to_look_at(tmp_path: Path) -> None:
    [gone] = await disk.examine(case(tmp_path))
    assert told(gone)[1] == "skipped"
    url = "postgresql://ops@127.0.0.1:1/shop"
    [server] = await disk.examine(case(tmp_path, database_url=url))
    assert told(server)[1] == "skipped"
