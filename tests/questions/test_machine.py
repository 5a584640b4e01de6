"""Questions about the machine, the services, their logs and files."""

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import checks
from bot.core.log_reading import Entry
from bot.core.machine import ConfigFile, Connections
from bot.core.model import Person, Role, Unreadable, phrase
from bot.core.question import WrongArguments
from bot.core.tools import Service
from bot.core.verbs import Verb
from bot.edges.shop import open_shop, sqlite_storage
from bot.questions._services import LOG_LINES
from tests.checks.shop import Shop
from tests.machine import CONFIG, HOST, NOON, STATES, STORAGE, FakeStates, line
from tests.questions.conftest import Room, labels

VERA = Person(id=1003, name="Vera", role=Role.VIEWER)
DENIED = Unreadable(phrase("journal_denied"))


async def test_a_machine_with_room_says_so_first(room: Room) -> None:
    calm = replace(HOST, load=(0.1, 0.2, 0.3), memory_free_bytes=12_000_000_000, disks=())
    room.machine.host = calm
    assert (await room.read("host")).startswith("✅ <b>The machine has room</b>")


async def test_services_without_a_manager_are_said_to_be_unseen(room: Room) -> None:
    room.services = FakeStates(states=None)
    for text in ("svc", "svc bot"):
        with pytest.raises(Unreadable) as caught:
            await room.ask(text)
        assert caught.value.why.key == "services_off"


async def test_one_service_that_cannot_be_seen_hides_no_other(room: Room) -> None:
    missing = Unreadable(phrase("service_not_found", manager="systemd", unit="x.service"))
    room.services = FakeStates(states={**STATES, Service.WEB: missing})
    text = await room.read("svc")
    assert "❔ systemd knows no service x.service" in text
    assert "🔴 <b>sovani-scheduler</b>" in text
    assert text.count("🟢") == 2


async def test_the_last_exit_of_a_running_service_is_in_its_log(room: Room) -> None:
    exited = "sovani-web-api.service: Main process exited, code=exited, status=1/FAILURE"
    room.machine.log = [line(exited, timedelta(hours=3)), line("listening")]
    assert "last exit              1/FAILURE" in await room.read("svc web")
    assert "last exit            exit code 1" in await room.read("svc scheduler")
    room.machine.log = DENIED
    assert "last exit              not known" in await room.read("svc web")


@pytest.mark.parametrize(
    ("text", "counting"),
    [
        ("logs bot 15", "bot.core.log_reading.told"),
        ("logs bot 15 error", "bot.core.log_reading.grouped"),
        ("logs_file bot 15 error", "bot.core.log_reading.matching"),
        ("limits", "bot.questions.limits.grouped"),
    ],
)
async def test_a_long_log_is_counted_beside_the_event_loop(
    room: Room, monkeypatch: pytest.MonkeyPatch, text: str, counting: str
) -> None:
    where: set[int] = set()

    def noting(found: Iterable[Entry], *_: object) -> list[Entry]:
        where.add(threading.get_ident())
        return list(found)

    monkeypatch.setattr(counting, noting)
    room.machine.log = [line("ERROR listening")]
    await room.ask(text)
    assert where
    assert threading.get_ident() not in where


async def test_a_log_is_asked_for_the_time_that_was_named(room: Room) -> None:
    await room.ask("logs bot 15 rate limit")
    (asked,) = room.machine.asked
    assert asked["service"] is Service.BOT
    assert asked["since"] == NOON - timedelta(minutes=15)


async def test_a_log_that_may_not_be_read_is_not_an_empty_one(room: Room) -> None:
    room.machine.log = DENIED
    with pytest.raises(Unreadable):
        await room.ask("logs bot")
    room.machine.log = []
    assert "It said nothing in that time." in await room.read("logs bot")


@pytest.mark.parametrize("asked", ["rate", "error", "traceback"])
async def test_nothing_found_in_a_log_that_was_not_read_whole_says_how_far(
    room: Room, asked: str
) -> None:
    """*Rate 24h*, *Errors 24h* and *Traceback*, on a day that says more than is read."""
    room.machine.log = [
        line("ERROR rate limit", timedelta(hours=20), priority=3),
        *(line("heartbeat", timedelta(seconds=n)) for n in range(LOG_LINES, 0, -1)),
    ]
    for text in (f"logs scheduler 1440 {asked}", f"logs bot 1440 {asked}"):
        said = await room.read(text)
        assert "Nothing of the kind in 20 000 lines." in said
        assert "Only the newest 20 000 lines were read, back to 09:26." in said


async def test_a_log_that_was_not_read_whole_says_so(room: Room) -> None:
    room.machine.cut = True
    assert "Only the newest 129 lines were read, back to 14:09." in await room.read("logs bot 600")


@pytest.mark.parametrize("text", ["logs", "logs nginx", "logs bot 0", "logs bot 99999"])
async def test_wrong_arguments(room: Room, text: str) -> None:
    with pytest.raises(WrongArguments):
        await room.ask(text)


async def test_buttons_lead_to_the_words_of_the_runbooks(room: Room) -> None:
    page = await room.ask("logs scheduler 30 rate")
    assert labels(page) == [
        ["Ingest", "Error", "Rate", "Traceback"],
        ["Logs 1h", "Errors 24h", "Live 2 min"],
        ["Refresh", "As file", "Service"],
    ]
    assert [key.arg for key in page.keys[0]][2] == "logs scheduler 30 rate"
    assert page.keys[2][0].arg == "logs scheduler 30 rate"
    one = await room.ask("svc bot")
    assert labels(one)[0] == ["Restart bot"]
    assert one.keys[0][0].verb is Verb.DO
    assert labels(await room.ask("svc bot", VERA))[0] == ["Logs 1h", "Errors 24h", "Traceback"]
    assert [key.arg for key in one.keys[1]] == [
        "logs bot 60",
        "logs bot 1440 error",
        "logs bot 1440 traceback",
    ]


async def test_the_file_has_every_line_as_often_as_it_was_said(room: Room) -> None:
    page = await room.ask("logs_file scheduler 1440 error")
    assert page.document is not None
    assert page.document.name == "sovani-scheduler-2026-11-23-1500.txt"
    assert page.document.text.count("Traceback (most recent call last):") == 17
    assert "2026-11-23 14:57:00 Traceback" in page.document.text
    assert page.document.text.count("    response = client.get(url)") == 17
    room.machine.log = [line(f"tick {n}", timedelta(minutes=3 - n)) for n in range(3)]
    page = await room.ask("logs_file bot")
    assert page.document is not None
    assert page.document.text.splitlines() == [
        f"2026-11-23 14:{57 + n}:00 tick {n}" for n in range(3)
    ]
    room.machine.log = []
    with pytest.raises(Unreadable):
        await room.ask("logs_file bot")


def test_logs_and_files_are_for_those_who_repair(room: Room) -> None:
    needed = {name: room.commands[name].role for name in ("logs", "logs_file", "config", "host")}
    assert needed.pop("host") is Role.VIEWER
    assert set(needed.values()) == {Role.MANAGER}


async def test_what_changed_in_a_unit_file_is_shown_until_it_changes_again(room: Room) -> None:
    first = await room.read("config scheduler")
    assert "Unchanged since it was first looked at, 15:00" in first
    unit = CONFIG.files[0]
    changed = replace(unit, text=unit.text.replace("concurrency 4", "concurrency 8"), mark="9")
    room.machine.known = replace(CONFIG, files=[changed, *CONFIG.files[1:]])
    for _ in range(2):
        text = await room.read("config scheduler")
        assert "<b>Changed, first seen 15:00</b>" in text
        assert "concurrency 4 --log-level info</code>" in text.partition("Changed")[2]


async def test_a_crontab_that_only_root_may_read_says_what_to_do(room: Room) -> None:
    why = phrase("crontab_root", user="sovani")
    files = [ConfigFile(name="crontab -u sovani -l", text="", mark="", why=why)]
    room.machine.known = replace(CONFIG, files=files)
    text = await room.read("config scheduler")
    assert "❔ Only root can read another account's crontab. Look by hand: sudo crontab" in text
    assert "cannot be read from here" not in text


async def test_a_long_unit_file_is_sent_whole(room: Room) -> None:
    text = "\n".join(f"Environment=NAME_{n}=«hidden»" for n in range(300))
    files = [ConfigFile(name="/etc/a.service", text=text, mark="1")]
    room.machine.known = replace(CONFIG, files=files)
    page = await room.ask("config scheduler")
    assert page.document is not None
    assert "NAME_299" in page.document.text
    assert "more lines in the file" in await room.read("config scheduler")


def crowd(idle: int) -> Connections:
    states = [("idle", idle), ("active", 3)]
    return Connections(states=states, programs=[("sovani-web", idle + 3)], most=100)


async def test_connections_near_the_limit_come_with_advice(room: Room) -> None:
    many = replace(
        STORAGE,
        dialect="postgresql",
        files=(),
        backups=(),
        connections=crowd(82),
    )
    room.machine.stored = many
    assert "Use pooling" in await room.read("db")
    room.machine.stored = replace(many, connections=crowd(20))
    assert "Use pooling" not in await room.read("db")
    assert "PostgreSQL already" in await room.read("postgres")


async def test_from_where_they_are_near_is_the_setting_of_their_check(room: Room) -> None:
    own = checks.load({"db_connections": {"warn_pct": 90}})
    room.book = replace(room.book, runbooks=own)
    room.machine.stored = replace(STORAGE, dialect="postgresql", connections=crowd(82))
    assert "Use pooling" not in await room.read("db")


async def test_a_size_is_worth_an_answer_without_the_rest(room: Room) -> None:
    room.machine.stored = Unreadable(phrase("shop_locked", path="/srv/shop.db"))
    text = await room.read("db")
    assert "❔ The shop's database /srv/shop.db is locked" in text
    assert "warning at" in text


async def test_tables_that_take_too_long_are_said_to(room: Room) -> None:
    room.machine.stored = replace(STORAGE, tables=None, journal_mode="delete")
    text = await room.read("db")
    assert "could not be measured in time" in text
    assert "WAL would not" in text


async def test_refused_writes_are_a_reason_to_move(room: Room) -> None:
    room.machine.log = [line("sqlite3.OperationalError: database is locked")] * 4
    text = await room.read("postgres")
    assert text.startswith("🟡 <b>Plan the move to PostgreSQL</b>: writers")
    assert "12 in 24 h" in text
    room.machine.log = DENIED
    assert "no log" in await room.read("postgres")


async def test_refused_writes_of_a_log_that_was_not_read_whole_are_at_least_so_many(
    room: Room,
) -> None:
    locked = line("sqlite3.OperationalError: database is locked", timedelta(hours=20))
    room.machine.log = [
        locked,
        *(line("heartbeat", timedelta(seconds=n)) for n in range(LOG_LINES, 0, -1)),
    ]
    text = await room.read("postgres")
    assert "refused writes         ≥ 0 in 24 h" in text
    assert "sovani-bot: only the newest 20 000 lines were read, back to 09:26." in text
    room.machine.log = [locked]
    text = await room.read("postgres")
    assert "refused writes           3 in 24 h" in text
    assert "lines were read" not in text


@pytest.mark.parametrize("text", ["logs scheduler live", "logs scheduler 10 Live"])
async def test_a_log_can_be_followed_for_two_minutes(room: Room, text: str) -> None:
    page = await room.ask(text)
    assert page.live is not None
    assert page.live.seconds == 120
    assert labels(page) == [["Stop"]]
    assert [key.label for key in page.live.keys[0]] == ["Ingest", "Error", "Rate", "Traceback"]
    assert room.machine.asked[-1]["since"] == NOON - timedelta(minutes=10)
    assert (await room.ask("logs scheduler")).live is None


async def test_tables_that_take_too_long_to_measure_are_not_left_out_in_silence(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer of a real file whose walk is ended by the limit."""
    path = Shop(tmp_path / "shop.db").path
    monkeypatch.setattr(sqlite_storage, "SHORT_PATIENCE", -1.0)
    monkeypatch.setattr("bot.edges.shop.guard.STEPS_BETWEEN_LOOKS", 1)
    shop = open_shop(f"sqlite:///{path}", sql=room.templates.sql)
    room.machine.stored = await shop.storage()
    text = await room.read("db")
    await shop.close()
    assert "<i>Its tables could not be measured in time.</i>" in text
    assert "Largest tables" not in text
    assert "shop.db" in text  # the rest is there
