"""Every secret of the settings is planted, logged in every way, and never comes out."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from bot.core.webhook import Webhook
from bot.edges import logs
from bot.settings import Settings

TOKEN = "123456789:AAExampleExampleExampleExampleExample"
# Settings whose value must have a form of its own; all the others take any word.
FORMS = {
    "bot_token": TOKEN,
    "database_url": "postgresql://ops:planted-db-password@db/shop",
    "smtp_url": "smtp://user:planted-smtp-password@mail:587",
    "heartbeat_url": "https://hc.example/planted-heartbeat",
    "fallback_url": "https://hooks.example/planted-fallback",
    "telegram_proxy_url": "socks5://proxy:planted-proxy-password@proxy:1080",
    "supervisor_url": "http://ops:planted-supervisor-password@127.0.0.1:9001/RPC2",
}
FOREIGN = "987654321:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
LIBRARIES = (
    "httpx",
    "httpcore",
    "aiogram.event",
    "aiogram.dispatcher",
    "aiohttp.access",
    "asyncio",
)


def secret_names() -> list[str]:
    return [
        name
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    ]


def settings() -> Settings:
    planted: dict[str, Any] = {name: f"planted-{name}-value" for name in secret_names()}
    return Settings(_env_file=None, admin_chat_id=7, **(planted | FORMS))


@pytest.fixture(params=["console", "json"])
def lines(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in LIBRARIES}
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.set_up(request.param, settings().secrets())
    yield stream
    root.handlers, root.level = before, level
    for name, own in levels.items():
        logging.getLogger(name).setLevel(own)


def everything() -> list[str]:
    return [*settings().secrets(), FOREIGN]


def fails(secret: str) -> None:
    kept = {"a local": secret}
    try:
        kept[secret]
    except KeyError as cause:
        raise RuntimeError(f"https://api.telegram.org/bot{TOKEN}/getMe: {kept}") from cause


def test_every_secret_setting_is_known_to_the_filter() -> None:
    found = settings()
    assert len(secret_names()) >= 10
    for name in secret_names():
        value = getattr(found, name)
        assert isinstance(value, SecretStr)
        assert value.get_secret_value() in found.secrets()


def test_no_planted_secret_comes_out(lines: io.StringIO) -> None:
    log = logging.getLogger("bot.somewhere")
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.DEBUG)
    for secret in everything():
        log.info("value %s", secret)
        log.warning(
            "extra", extra={"header": {"Authorization": f"Bearer {secret}"}, "n": [secret]}
        )
        for name in LIBRARIES:
            logging.getLogger(name).debug("HTTP Request: POST https://x/bot%s/sendMessage", secret)
        try:
            fails(secret)
        except RuntimeError:
            log.exception("broke", extra={"alert": 17})
    text = lines.getvalue()
    assert [one for one in everything() if one in text or json.dumps(one)[1:-1] in text] == []
    assert text.count("Traceback") >= len(everything())


def test_the_password_alone_does_not_come_out_either(lines: io.StringIO) -> None:
    """Drivers name the parts of an address one by one."""
    log = logging.getLogger("bot.somewhere")
    log.error("connection failed: user=ops password=%s", "planted-db-password")
    assert "planted-db-password" not in lines.getvalue()


def test_a_secret_that_is_made_while_it_runs_does_not_come_out_either(lines: io.StringIO) -> None:
    """Telegram's words may repeat the webhook's address."""
    made = Webhook(base="https://ops.example", path="/telegram/made-later", secret='of"our-own')
    log = logging.getLogger("bot.somewhere")
    logs.hide(made.secrets)
    log.error("bad webhook: %s", made.url, extra={"header": made.secret})
    text = lines.getvalue()
    assert "https://ops.example/telegram/«hidden»" in text
    assert [one for one in ("made-later", "our-own") if one in text] == []
