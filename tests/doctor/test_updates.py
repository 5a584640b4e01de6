from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.webhook import HEADER, Webhook, kept
from bot.doctor import updates
from bot.edges.single import SingleInstance
from bot.edges.store import SqlStore
from demo.telegram import DEMO_TOKEN, Emulator
from demo.telegram.updates import Webhook as Hook
from tests.doctor.patient import NOON, NOWHERE, case, serving, told
from tests.edges.raw_server import as_json

BASE = "http://ops.example"


async def test_polling_is_free(emulator: Emulator, tmp_path: Path) -> None:
    [result] = await updates.examine(case(tmp_path, telegram_api_url=emulator.url))
    assert told(result)[1:3] == ("ok", "No webhook is in the way; 0 updates wait.")
    assert emulator.state.calls["getupdates"] == 0, "polling would end another one's request"


async def test_a_webhook_is_in_the_way_and_only_its_host_is_shown(
    emulator: Emulator, tmp_path: Path
) -> None:
    emulator.state.updates.webhook = Hook("https://shop.example/bot/planted-secret", "")
    [result] = await updates.examine(case(tmp_path, telegram_api_url=emulator.url))
    what, verdict, seen, _ = told(result)
    assert (what, verdict) == ("Updates", "broken")
    assert seen.startswith("A webhook to shop.example is set")
    assert "planted-secret" not in str(result)


@pytest.fixture
async def ours(tmp_path: Path) -> Webhook:
    """What the assistant has made at its first start with a webhook."""
    store = await SqlStore.open(tmp_path / "state.db")
    made = await store.write(lambda tx: kept(tx, BASE, None, NOON))
    await store.close()
    return made


async def seen(tmp_path: Path, url: str, base: str = BASE) -> list[tuple[str, str]]:
    sick = case(tmp_path, webhook_url=base, telegram_api_url=url)
    results = [told(one) for one in await updates.examine(sick)]
    assert [one[0] for one in results] == ["Updates", "Webhook"]
    return [one[1:3] for one in results]


async def test_a_webhook_of_ours_works_until_telegram_cannot_bring_what_waits(
    emulator: Emulator, tmp_path: Path, ours: Webhook
) -> None:
    async def first() -> tuple[str, str]:
        [result, door] = await seen(tmp_path, emulator.url)
        assert door == ("skipped", "Not tried: the assistant does not run.")
        assert not any(secret in str(result) for secret in ours.secrets)
        return result

    assert await first() == ("ok", "The assistant sets the webhook to ops.example when it starts.")
    hook = emulator.state.updates.webhook = Hook(ours.url)
    assert await first() == ("ok", "Telegram brings updates to ops.example; 0 wait.")
    hook.last_error, hook.last_error_at = "Connection refused", int(NOON.timestamp()) - 7200
    words = "0 wait. It could not 2 h ago: Connection refused"
    assert await first() == ("ok", f"Telegram brings updates to ops.example; {words}")
    emulator.state.updates.push("message", {})
    verdict, said = await first()
    assert verdict == "broken"
    assert said.startswith("Telegram cannot bring 1 update, ")
    assert said.endswith(" ago: Connection refused")


async def test_a_webhook_that_another_program_has_taken(
    emulator: Emulator, tmp_path: Path, ours: Webhook
) -> None:
    hook = emulator.state.updates.webhook = Hook("http://ops.example/telegram/planted-secret")
    with SingleInstance(tmp_path / "state.db"):
        verdict, words = (await seen(tmp_path, emulator.url, "http://127.0.0.1:1"))[0]
        assert (verdict, words.partition(",")[0]) == (
            "broken",
            "Telegram brings updates to ops.example",
        )
        hook.url = ""
        verdict, words = (await seen(tmp_path, emulator.url, "http://127.0.0.1:1"))[0]
    assert (verdict, "taken it away" in words) == ("broken", True)
    assert not any(secret in words for secret in ours.secrets)


@pytest.mark.parametrize(
    ("status", "instance", "told"),
    [
        (400, "PATH", ("ok", "is open, and the secret fits")),
        (404, "PATH", ("broken", "the header with the secret is lost")),
        (404, "/other", ("broken", "under another path")),
        (502, None, ("broken", "not the assistant behind it (HTTP 502)")),
    ],
)
async def test_the_way_in_is_gone_from_here(
    tmp_path: Path, ours: Webhook, status: int, instance: str | None, told: tuple[str, str]
) -> None:
    path = instance.replace("PATH", ours.path) if instance else None
    with SingleInstance(tmp_path / "state.db"):
        async with serving({"*": as_json({"instance": path}, status)}) as proxy:
            door = (await seen(tmp_path, NOWHERE, f"{proxy.url}/ops"))[1]
    assert door[0] == told[0]
    assert told[1] in door[1]
    [asked] = proxy.asked
    assert asked.startswith(f"POST /ops{ours.path} ")
    assert f"{HEADER}: {ours.secret}".lower() in asked.lower()
    assert asked.endswith("{"), "no update: nothing may happen"


@pytest.mark.usefixtures("ours")
async def test_an_outer_address_that_is_closed_from_inside_is_only_a_warning(
    tmp_path: Path,
) -> None:
    with SingleInstance(tmp_path / "state.db"):
        door = (await seen(tmp_path, NOWHERE, "http://127.0.0.1:1"))[1]
    assert door[0] == "warning"


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


async def test_under_systemd_the_settings_are_read_and_the_shops_own_file_is_not(
    tmp_path: Path, emulator: Emulator
) -> None:
    """That file is closed to the assistant's account; systemd hands it a copy."""
    (tmp_path / ".env").write_bytes(b"\xff is more than we may read")
    given = tmp_path / "credentials"
    given.mkdir()
    sick = case(tmp_path, telegram_api_url=emulator.url)
    sick = replace(sick, files=[given / "shop.env", given / "env"])
    [result] = await updates.examine(sick)
    assert told(result)[1] == "ok"
    (given / "shop.env").write_text(f"TELEGRAM_TOKEN={DEMO_TOKEN}\n")
    [result] = await updates.examine(sick)
    assert told(result)[1] == "broken"


async def test_without_telegram_it_is_skipped(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TELEGRAM_TOKEN=another\n")
    [result] = await updates.examine(case(tmp_path))
    assert told(result)[1] == "skipped"
