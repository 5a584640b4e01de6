from pathlib import Path

import pytest

from bot.doctor import updates
from demo.telegram import DEMO_TOKEN, Emulator
from demo.telegram.updates import Webhook
from tests.doctor.patient import case, told


async def test_polling_is_free(emulator: Emulator, tmp_path: Path) -> None:
    [result] = await updates.examine(case(tmp_path, telegram_api_url=emulator.url))
    assert told(result)[1:3] == ("ok", "No webhook is in the way; 0 updates wait.")
    assert emulator.state.calls["getUpdates"] == 0, "polling would end another one's request"


async def test_a_webhook_is_in_the_way_and_only_its_host_is_shown(
    emulator: Emulator, tmp_path: Path
) -> None:
    emulator.state.updates.webhook = Webhook("https://shop.example/bot/planted-secret", "")
    [result] = await updates.examine(case(tmp_path, telegram_api_url=emulator.url))
    what, verdict, seen, _ = told(result)
    assert (what, verdict) == ("Updates", "broken")
    assert seen.startswith("A webhook to shop.example is set")
    assert "planted-secret" not in str(result)


async def test_a_webhook_of_ours_works_until_telegram_cannot_bring_what_waits(
    emulator: Emulator, tmp_path: Path
) -> None:
    ours = {"webhook_url": "http://ops.example", "telegram_api_url": emulator.url}

    async def seen() -> tuple[str, str]:
        [result] = await updates.examine(case(tmp_path, **ours))
        assert "planted-secret" not in str(result)
        return told(result)[1], told(result)[2]

    assert await seen() == ("ok", "The assistant sets the webhook to ops.example when it starts.")
    hook = emulator.state.updates.webhook = Webhook("http://ops.example/telegram/planted-secret")
    assert await seen() == ("ok", "Telegram brings updates to ops.example.")
    hook.last_error = "Connection refused"
    assert (await seen())[0] == "ok", "nothing waits: it was long ago"
    emulator.state.updates.push("message", {})
    assert await seen() == ("broken", "Telegram cannot bring 1 update: Connection refused")


@pytest.mark.parametrize("quoted", [DEMO_TOKEN, f"'{DEMO_TOKEN}'"])
async def test_sovanis_own_token_is_noticed_in_its_env_file(tmp_path: Path, quoted: str) -> None:
    (tmp_path / ".env").write_text(f"TELEGRAM_TOKEN={quoted}\n")
    [result] = await updates.examine(case(tmp_path))
    assert told(result)[1] == "broken"
    assert "SoVAni's own bot (TELEGRAM_TOKEN)" in told(result)[2]
    assert DEMO_TOKEN not in str(result)


async def test_sovanis_own_token_is_noticed_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", DEMO_TOKEN)
    [result] = await updates.examine(case(tmp_path))
    assert told(result)[1] == "broken"


async def test_without_telegram_it_is_skipped(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TELEGRAM_TOKEN=another\n")
    [result] = await updates.examine(case(tmp_path))
    assert told(result)[1] == "skipped"
