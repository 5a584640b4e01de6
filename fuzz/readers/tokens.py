"""Wildberries' tokens, and the lines of settings that name tokens and jobs."""

import base64
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.core import grants, wb_token
from bot.core.grants import Grant
from bot.edges import schedules
from fuzz._grown import Bytes, grown

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Moscow")
CLAIMS = {"exp": 1_780_000_000, "s": 1073741950, "t": False, "sid": "x"}
TOKEN = grants.make("grafana", Grant.VIEWER, 7)[1]
NAMES = ("exp", "s", "t", "sid")


def _jwt(claims: object) -> bytes:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    return b"e30." + middle + b".sig"


SEEDS = (
    b"\x00" + _jwt(CLAIMS),
    b"\x01" + bytes(range(0xB0, 0xF0, 3)),
    b"\x02" + str(TOKEN).encode(),
    b"\x03backup=@daily+2h; sync=*/15 * * * *+5m; report=6h+30m",
    *(b"\x04" + line for line in (b"0 9 * * 1-5", b"30m", b"@weekly", b"off", b"0 0 29 2 *")),
)


def one(data: bytes) -> None:
    source = Bytes(data)
    match source.next() % 5:
        case 0:
            _wildberries(source.rest)
        case 1:
            _wildberries(_jwt(grown(source, NAMES)))
        case 2:
            _grants(source.rest.decode("utf-8", "replace"))
        case 3:
            _beats(source.rest.decode("utf-8", "replace"))
        case _:
            _schedule(source.rest.decode("utf-8", "replace"))


def _wildberries(raw: bytes) -> None:
    found = wb_token.read(raw.decode("utf-8", "surrogateescape"))
    if found is not None:
        assert found.expires.tzinfo is not None
        assert isinstance(found.read_only, bool)
        assert all(one.label for one in found.scopes)


def _grants(text: str) -> None:
    try:
        tokens = grants.parse(text)
    except ValueError:
        return
    assert grants.parse(",".join(map(str, tokens))) == tokens
    assert grants.find(tokens, text) is None


def _beats(text: str) -> None:
    try:
        found = schedules.parse(text)
    except ValueError:
        return
    for job in found:
        plan = job.plan(ZONE)
        assert plan.due(NOW) > NOW


def _schedule(text: str) -> None:
    try:
        plan = schedules.when("brief", text, ZONE)
    except ValueError:
        return
    if plan is not None:
        assert plan.due(NOW) > NOW
