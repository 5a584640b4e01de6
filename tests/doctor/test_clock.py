from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.doctor import clock
from tests.doctor.patient import HANGS, NOON, case, serving, told
from tests.edges.raw_server import http

DATE = f"Date: {format_datetime(NOON, usegmt=True)}\r\n"


@pytest.mark.parametrize(
    ("off", "verdict", "said"),
    [
        (0, "ok", "Right"),
        (1.5, "ok", "Right"),
        (-30, "ok", "Right"),
        (31, "warning", "31 s ahead of"),
        (-7200, "warning", "2 h behind"),
    ],
)
async def test_the_clock_is_compared(tmp_path: Path, off: float, verdict: str, said: str) -> None:
    async with serving({"/": http(status=302, more=DATE)}) as server:
        now = NOON + timedelta(seconds=off)
        here, zone = await clock.examine(case(tmp_path, now=now, telegram_api_url=server.url))
    assert told(here)[:2] == ("Clock", verdict)
    assert said in told(here)[2]
    assert told(zone)[1] == "ok"


async def test_the_time_is_shown_where_people_live(tmp_path: Path) -> None:
    here, zone = await clock.examine(case(tmp_path, app_timezone="Asia/Vladivostok"))
    assert told(here)[1] == "skipped"
    assert told(zone)[2] == "Asia/Vladivostok: it is 19:00 there."


@pytest.mark.parametrize("telegram", [http(), HANGS, http(more="Date: yesterday\r\n")])
async def test_the_web_api_is_asked_where_telegram_cannot_tell(
    tmp_path: Path, telegram: bytes
) -> None:
    async with serving({"/": telegram, "/health": http(more=DATE)}) as server:
        urls = {"telegram_api_url": server.url, "web_api_url": server.url}
        here, _ = await clock.examine(case(tmp_path, seconds=0.3, **urls))
    assert told(here)[1] == "ok"
    assert not any("/bot" in asked for asked in server.asked)
