import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.edges import host
from bot.edges.host import LocalHost


async def test_a_busy_program_is_seen_with_its_cpu_and_memory(tmp_path: Path) -> None:
    busy = await asyncio.create_subprocess_exec(sys.executable, "-c", "while True: pass")
    try:
        local = LocalHost({"shop": tmp_path}, seconds=0.1)
        seen = await local.look()
        await local.aclose()
    finally:
        busy.kill()
        await busy.wait()
    (mine,) = [one for one in seen.busiest if one.pid == busy.pid]
    assert "python" in mine.name
    assert mine.cpu_pct > 5
    assert mine.memory_bytes > 1_000_000
    assert len(seen.busiest) <= 10
    assert seen.cores >= 1
    assert 0 <= seen.cpu_pct <= 100
    assert 0 < seen.memory_free_bytes <= seen.memory_bytes
    assert seen.swap_used_bytes <= seen.swap_bytes
    assert [one.memory_bytes for one in seen.largest] == sorted(
        (one.memory_bytes for one in seen.largest), reverse=True
    )


async def test_a_command_line_is_not_part_of_what_is_seen(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "while True: pass", "--token=planted"]
    child = await asyncio.create_subprocess_exec(*command)
    local = LocalHost({"shop": tmp_path}, seconds=0.05)
    seen = await local.look()
    await local.aclose()
    child.kill()
    await child.wait()
    assert child.pid in [one.pid for one in seen.busiest]
    assert "planted" not in repr(seen)


async def test_disks_are_read_without_a_measurement(tmp_path: Path) -> None:
    local = LocalHost({"state": tmp_path, "archive": tmp_path / "archive"}, seconds=600)
    async with asyncio.timeout(60):
        found = await local.disks()
    await local.aclose()
    [mine] = [one for one in found if "state" in one.holds]
    assert "archive" in mine.holds
    assert 0 <= mine.free_pct <= 100


def test_one_disk_is_one_line_whatever_it_holds(tmp_path: Path) -> None:
    places = {"shop": tmp_path, "state": tmp_path / "not" / "there" / "yet"}
    (disk,) = host.disks(places)
    assert disk.holds == ["shop", "state"]
    assert os.path.ismount(disk.mount)
    assert 0 < disk.free_bytes <= disk.total_bytes
    shared = Path("/dev/shm")  # noqa: S108  # looked at only
    if shared.is_dir() and shared.stat().st_dev != tmp_path.stat().st_dev:
        assert [one.holds for one in host.disks({**places, "other": shared})] == [
            ["shop", "state"],
            ["other"],
        ]


async def test_the_assistant_sees_itself(tmp_path: Path) -> None:
    local = LocalHost({"state": tmp_path})
    own = await local.own()
    await local.aclose()
    assert own.pid == os.getpid()
    assert timedelta() < datetime.now(UTC) - own.since < timedelta(hours=1)  # noqa: TID251  # processes have real times


@pytest.mark.parametrize(
    ("groups", "unit"),
    [
        ("0::/system.slice/sovani-web-api.service\n", "sovani-web-api.service"),
        ("1:name=systemd:/system.slice/a.service/nested\n0::/\n", "a.service"),
        ("0::/user.slice/user-0.slice/session-1.scope\n", None),
    ],
)
def test_the_unit_of_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, groups: str, unit: str | None
) -> None:
    (tmp_path / "7").write_text(groups)
    monkeypatch.setattr(host, "_GROUPS", f"{tmp_path}/{{pid}}")
    assert host.unit_of(7) == unit
    assert host.unit_of(8) is None
