"""No secret in any line, whatever logs it and however it got there."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from bot.edges import logs
from bot.edges.redact import HIDDEN

TOKEN = "123456789:AAExampleExampleExampleExampleExample"
SECRET = "planted-admin-token"


@pytest.fixture(params=["console", "json"])
def lines(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers, root.level
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.set_up(request.param, [TOKEN, SECRET, ""])
    yield stream
    root.handlers, root.level = before, level


def planted() -> None:
    token = TOKEN
    raise RuntimeError(f"https://api.telegram.org/bot{token}/getMe refused {SECRET}")


def test_planted_secrets_never_come_out(lines: io.StringIO) -> None:
    log = logging.getLogger("somewhere.deep")
    log.info("token is %s", TOKEN)
    log.warning("extra", extra={"url": f"http://x/bot{TOKEN}/getMe", "header": {"a": SECRET}})
    other = "987654321:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
    log.error("somebody else's %s", other)
    try:
        planted()
    except RuntimeError:
        log.exception("broke")
    text = lines.getvalue()
    assert TOKEN not in text
    assert SECRET not in text
    assert other not in text
    assert text.count(HIDDEN) >= 5
    assert "Traceback" in text


def test_extra_values_are_part_of_the_line(lines: io.StringIO) -> None:
    logging.getLogger("x").info("card shown", extra={"alert": 17})
    [line] = lines.getvalue().splitlines()
    assert "alert" in line
    assert "17" in line


def test_json_lines_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    before, level = root.handlers, root.level
    logs.set_up("json", [])
    logging.getLogger("x").info("карточка", extra={"alert": 17})
    root.handlers, root.level = before, level
    line = json.loads(stream.getvalue())
    assert (line["event"], line["alert"], line["level"]) == ("карточка", 17, "info")
