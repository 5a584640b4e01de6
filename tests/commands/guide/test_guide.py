"""A first start by questions, against a real Bot API server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.commands.guide import Stopped
from bot.core.model import phrase
from bot.settings import Settings
from bot.settings_types import ChatRef
from demo.telegram import ADMINS, ANN, BORIS, DEMO_TOKEN, SHOP_TEAM, Emulator
from demo.telegram.people import Say, say, set_bot_status
from demo.telegram.updates import Webhook
from tests.checks.shop import Shop
from tests.commands.guide.script import Desk

ROOT = Path(__file__).resolve().parents[3]
SECRET = DEMO_TOKEN.partition(":")[2]


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, emulator: Emulator) -> Desk:
    return Desk(tmp_path, emulator)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def starts(desk: Desk) -> Callable[[], Awaitable[str]]:
    """Ann writes to the bot, Boris in the group, the bot comes into the admins' chat."""
    assert desk.emulator is not None
    state = desk.emulator.state

    async def meet() -> str:
        say(state, Say(ANN, "/start"))
        say(state, Say(BORIS, "/start", chat=SHOP_TEAM))
        set_bot_status(state, ADMINS, ANN, "administrator")
        for ref in (ANN, SHOP_TEAM, ADMINS):
            await desk.person.sees(f"): {ref}")
        return ""

    return meet


async def test_from_a_token_to_settings_that_work(tmp_path: Path, desk: Desk) -> None:
    Shop(tmp_path / "sovani_bot.db")
    await desk.sit(
        ("Bot token", DEMO_TOKEN),
        ("Press Enter", starts(desk)),
        ("critical alerts", "3"),
        ("get all alerts", "2,3"),
        ("Ann (@ann)", "a"),
        ("Boris (@boris)", "m"),
        ("The shop's database", ""),
        ("Write this", "y"),
    )
    found = Settings(_env_file=tmp_path / ".env")
    assert found.bot_token.get_secret_value() == DEMO_TOKEN
    assert found.admin_chat == ChatRef(ADMINS)
    assert found.alert_chats == (ChatRef(SHOP_TEAM), ChatRef(ADMINS))
    assert found.admin_user_ids == {ANN}
    assert found.manager_user_ids == {BORIS}
    assert found.database_url.get_secret_value() == "sqlite:///./sovani_bot.db"
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert SECRET not in desk.text
    assert "● Shop database: " in desk.text
    assert "DATABASE_URL = sqlite:///./sovani_bot.db" in desk.text
    assert sorted(names(tmp_path)) == [".env", "sovani_bot.db"]
    assert desk.emulator is not None
    assert not desk.emulator.state.updates.pending, "the assistant would answer them again"


async def test_usual_answers_need_enter_only(tmp_path: Path, desk: Desk) -> None:
    Shop(tmp_path / "sovani_bot.db")
    enters = ("critical", "all alerts", "Ann", "Boris", "The shop's database", "Write this")
    await desk.sit(
        ("Bot token", DEMO_TOKEN),
        ("Press Enter", starts(desk)),
        *((question, "") for question in enters),
    )
    assert desk.env()["ADMIN_CHAT_ID"] == str(ANN)
    assert desk.env()["ALERT_CHAT_IDS"] == f"{SHOP_TEAM},{ADMINS}"
    assert desk.env()["ADMIN_USER_IDS"] == str(ANN)
    assert "MANAGER_USER_IDS" not in desk.env(), "nobody gets a right by Enter but the first"


async def test_a_topic_is_learnt_from_what_is_written_there(desk: Desk) -> None:
    async def meet() -> str:
        assert desk.emulator is not None
        say(desk.emulator.state, Say(ANN, "/start", chat=SHOP_TEAM, thread=17))
        await desk.person.sees(f"topic 17): {SHOP_TEAM}:17")
        return ""

    with pytest.raises(EOFError):
        await desk.sit(("token", DEMO_TOKEN), ("Press Enter", meet), ("critical", "1"))
    assert "Shop team (supergroup, topic 17)" in desk.text
    assert not (desk.folder / ".env").exists()


async def test_wrong_tokens_are_refused_one_after_the_other(desk: Desk) -> None:
    (desk.folder / ".env").write_text(f"TELEGRAM_TOKEN={DEMO_TOKEN}\n")
    with pytest.raises(EOFError):
        await desk.sit(
            ("Change it?", "y"),
            ("Bot token", "hello"),
            ("Bot token", "123456789:" + "A" * 35),
            ("Bot token", DEMO_TOKEN),
        )
    assert "That is not a bot token." in desk.text
    assert "Telegram does not know this token." in desk.text
    assert "That is the token of SoVAni's own bot" in desk.text
    assert "AAAAAAAAAA" not in desk.text


async def test_a_webhook_ends_it_and_only_its_host_is_shown(desk: Desk) -> None:
    assert desk.emulator is not None
    desk.emulator.state.updates.webhook = Webhook("https://shop.example/planted-path", "")
    with pytest.raises(Stopped) as end:
        await desk.sit(("Bot token", DEMO_TOKEN))
    assert (end.value.why.key, end.value.why.values["host"]) == ("setup_webhook", "shop.example")
    assert desk.emulator.state.calls["getupdates"] == 0


async def test_the_assistants_own_webhook_is_taken_away_for_now(desk: Desk) -> None:
    assert desk.emulator is not None
    (desk.folder / ".env").write_text("WEBHOOK_URL=https://ops.example/x/\n")
    desk.emulator.state.updates.webhook = Webhook("https://ops.example/x/telegram/planted", "")
    with pytest.raises(EOFError):
        await desk.sit(
            ("Change it?", "y"), ("Bot token", DEMO_TOKEN), ("Press Enter", starts(desk))
        )
    assert "own webhook to ops.example is taken away" in desk.text
    assert "planted" not in desk.text
    assert not desk.emulator.state.updates.webhook.url


async def test_another_poller_ends_it(desk: Desk) -> None:
    async def another() -> str:
        assert desk.emulator is not None
        await desk.emulator.state.updates.poll(0, 1, 5)
        raise AssertionError("nothing was written")

    with pytest.raises(Stopped) as end:
        await desk.sit(("Bot token", DEMO_TOKEN), ("Press Enter", after_a_poll(desk, another)))
    assert end.value.why.key == "setup_other_poller"
    assert not (desk.folder / ".env").exists()


def after_a_poll(desk: Desk, act: Callable[[], Awaitable[str]]) -> Callable[[], Awaitable[str]]:
    async def wait() -> str:
        assert desk.emulator is not None
        async with asyncio.timeout(5):
            while not desk.emulator.state.calls["getupdates"]:  # noqa: ASYNC110  # a counter
                await asyncio.sleep(0.005)
        return await act()

    return wait


async def test_nobody_wrote_yet(desk: Desk) -> None:
    with pytest.raises(EOFError):
        await desk.sit(("Bot token", DEMO_TOKEN), ("Press Enter", ""))
    assert "No chat with a person in it is known yet." in desk.text


async def test_sovanis_own_file_is_recognised_and_keeps_what_it_says(
    tmp_path: Path, desk: Desk
) -> None:
    Shop(tmp_path / "their.db")
    env = tmp_path / ".env"
    before = (
        "# theirs\nTELEGRAM_TOKEN=1:theirs\nDATABASE_URL=sqlite:///./their.db\n"
        "WB_STATS_TOKEN=planted-wb-token\nALERT_CHAT_IDS=-5\nADMIN_USER_IDS=77\n"
    )
    env.write_text(before)
    env.chmod(0o644)
    await desk.sit(
        ("Change it?", ""),
        ("Bot token", DEMO_TOKEN),
        ("Press Enter", starts(desk)),
        ("critical", "4"),
        ("all alerts", "3"),
        ("77", ""),
        ("Ann", "a"),
        ("Boris", "n"),
        ("shop's database", ""),
        ("SoVAni reads ALERT_CHAT_IDS, ADMIN_USER_IDS from the same file", ""),
        ("Write this", ""),
    )
    found = desk.env()
    assert found["ALERT_CHAT_IDS"] == "-5", "SoVAni's own alerts go where they went"
    assert found["ADMIN_USER_IDS"] == "77"
    assert found["BOT_TOKEN"] == DEMO_TOKEN
    assert env.read_text().startswith(before)
    assert (tmp_path / ".env.before-20261125-123000").read_text() == before
    assert "planted-wb-token" not in desk.text
    assert env.stat().st_mode & 0o777 == 0o640, "SoVAni's group may read it, others may not"


async def test_settings_of_another_folder_are_taken_over(tmp_path: Path, desk: Desk) -> None:
    theirs = tmp_path / "home" / "sovani"
    theirs.mkdir(parents=True)
    Shop(theirs / "sovani_bot.db")
    (theirs / ".env").write_text(
        "TELEGRAM_TOKEN=1:x\nDATABASE_URL=sqlite:///./sovani_bot.db\nAPP_TIMEZONE=Asia/Omsk\n"
        "ADMIN_TOKEN='planted admin'\nALERT_CHAT_IDS=-5\nUNHEARD_OF=x\n"
    )
    await desk.sit(
        ("is SoVAni's: take its 2 settings over", ""),
        ("Bot token", DEMO_TOKEN),
        ("Press Enter", starts(desk)),
        ("critical", ""),
        ("all alerts", ""),
        ("Ann", ""),
        ("Boris", ""),
        ("shop's database", ""),
        ("Write this", ""),
    )
    found = Settings(_env_file=tmp_path / ".env")
    assert found.app_timezone == "Asia/Omsk"
    assert found.admin_token is not None
    assert found.admin_token.get_secret_value() == "planted admin"
    assert found.database_url.get_secret_value() == f"sqlite:///{theirs / 'sovani_bot.db'}"
    assert "planted" not in desk.text
    assert not {"UNHEARD_OF", "TELEGRAM_TOKEN"} & desk.env().keys()


async def test_a_database_that_does_not_fit_is_asked_for_again(tmp_path: Path, desk: Desk) -> None:
    Shop(tmp_path / "right.db")
    (tmp_path / "sovani_bot.db").write_bytes(b"no database at all, by no means" * 40)
    await desk.sit(
        ("Bot token", DEMO_TOKEN),
        ("Press Enter", starts(desk)),
        ("critical", ""),
        ("all alerts", ""),
        ("Ann", ""),
        ("Boris", ""),
        ("shop's database", ""),
        ("Use it all the same?", "n"),
        ("shop's database", "right.db"),
        ("Write this", ""),
    )
    assert desk.env()["DATABASE_URL"] == "sqlite:///./right.db"


@pytest.mark.parametrize("also", ["TELEGRAM_TOKEN=1:x\n", ""], ids=["SoVAni's own", "any"])
async def test_the_installed_file_of_examples_counts_as_empty(
    tmp_path: Path, emulator: Emulator, also: str
) -> None:
    """As `sovani-ops setup` runs it: another folder than SoVAni's, whose .env is read too."""
    etc, theirs = tmp_path / "etc", tmp_path / "srv"
    etc.mkdir()
    theirs.mkdir()
    Shop(theirs / "sovani_bot.db")
    (etc / "env").write_text((ROOT / ".env.example").read_text(encoding="utf-8"))
    (theirs / ".env").write_text(
        f"{also}APP_TIMEZONE=Asia/Omsk\nDATABASE_URL=sqlite:///./sovani_bot.db\n"
    )
    desk = Desk(etc, emulator, name="env", shop=theirs)
    await desk.sit(
        ("Change it?", ""),
        ("Bot token", DEMO_TOKEN),
        ("Press Enter", starts(desk)),
        ("critical", ""),
        ("all alerts", ""),
        ("Ann", ""),
        ("Boris", ""),
        ("shop's database", ""),
        ("Write this", ""),
    )
    found = desk.env()
    assert found["BOT_TOKEN"] == DEMO_TOKEN
    assert found["ADMIN_USER_IDS"] == str(ANN)
    assert found["DATABASE_URL"] == f"sqlite:///{theirs / 'sovani_bot.db'}"
    assert "APP_TIMEZONE" not in found, "it is read from SoVAni's own file"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("CHECKS=db_growth", "CHECKS: is not JSON."),
        ("CHECKS__DB_GROWTH__ENABLED=maybe", "CHECKS__DB_GROWTH__ENABLED: Input should be"),
        ("SCHEDULE__LUNCH=@daily", "SCHEDULE__LUNCH: there is no such schedule"),
        ("CHECK_INTERVAL_SEC=often", "CHECK_INTERVAL_SEC: Input should be"),
    ],
)
async def test_what_is_wrong_in_a_file_that_is_there_is_told_and_kept(
    tmp_path: Path, desk: Desk, line: str, said: str
) -> None:
    Shop(tmp_path / "sovani_bot.db")
    (tmp_path / ".env").write_text(f"{line}\n")
    await desk.sit(
        ("Change it?", ""),
        ("Bot token", DEMO_TOKEN),
        ("Press Enter", starts(desk)),
        ("critical", ""),
        ("all alerts", ""),
        ("Ann", ""),
        ("Boris", ""),
        ("shop's database", ""),
        ("Use it all the same?", "y"),
        ("Write this", ""),
    )
    assert said in desk.text
    assert line in (tmp_path / ".env").read_text()


async def test_a_folder_that_is_not_there_is_no_reason_to_ask_anything(
    tmp_path: Path, emulator: Emulator
) -> None:
    nowhere = tmp_path / "nowhere"
    for desk in (Desk(tmp_path, emulator, shop=nowhere), Desk(nowhere, emulator)):
        with pytest.raises(Stopped) as end:
            await desk.sit()
        assert end.value.why == phrase("setup_no_folder", folder=str(nowhere))
    assert not names(tmp_path)


async def test_no_means_no(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / ".env").write_text("X=1\n")
    with pytest.raises(Stopped) as end:
        await desk.sit(("Change it?", "n"))
    assert end.value.why.key == "setup_nothing_written"
    assert desk.emulator is not None
    assert not desk.emulator.state.calls


async def test_without_telegram_a_proxy_is_asked_for(tmp_path: Path) -> None:
    desk = Desk(tmp_path, environ={"TELEGRAM_API_URL": "http://127.0.0.1:1"})
    with pytest.raises(EOFError):
        await desk.sit(
            ("Bot token", DEMO_TOKEN), ("A proxy to Telegram", "http://u:planted@127.0.0.1:2")
        )
    assert "127.0.0.1:1" in desk.text
    assert "planted" not in desk.text
