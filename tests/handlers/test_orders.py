"""Typed commands that answer alerts: who may, what they change, and what they refuse."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.model import Alert, Json, Severity, State, Status, fires, ok
from bot.core.ports import Tx
from bot.core.records import CheckState, HistoryEntry, Silence
from bot.edges.store import SqlStore
from tests import fakes
from tests.conftest import NOON, TEAM, Clock
from tests.handlers.telegram import ANN, BORIS, SAM, VERA, Phone, buttons, texts, user

HOUR = timedelta(hours=1)
GROWN: dict[str, Json] = {**fakes.FULL, "cause": "size"}
SICK = fires("shop database", Severity.WARNING, **GROWN)
FORWARDED = {"type": "user", "sender_user": user(BORIS), "date": 1}
PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
ORDERS = [
    "/ack 1",
    "/giveback 1",
    "/resolve 1",
    "/note 1 text",
    "/silence 1 1h",
    "/silence all 4h",
    "/unsilence 1",
    "/maintenance 2h why",
]


def seen(tx: Tx, *readings: object, status: Status = Status.FIRING) -> None:
    tx.checks.save(
        CheckState(
            name="check_db_growth",
            status=status,
            since=NOON,
            round_at=NOON,
            readings=readings,  # type: ignore[arg-type]  # a test's own
        )
    )


def opened(tx: Tx) -> Alert:
    seen(tx, SICK)
    alert = tx.alerts.add("check_db_growth", SICK, NOON)
    return tx.alerts.save(replace(alert, remind_at=NOON + HOUR, escalate_at=NOON + 4 * HOUR))


@pytest.fixture
async def alert(store: SqlStore) -> Alert:
    return await store.write(opened)


async def now_is(store: SqlStore) -> Alert:
    found = await store.read(lambda tx: tx.alerts.get(1))
    assert found is not None
    return found


async def history(store: SqlStore) -> list[HistoryEntry]:
    return list(await store.read(lambda tx: tx.alerts.history(1)))


async def silences(store: SqlStore, now: datetime = NOON) -> list[Silence]:
    return list(await store.read(lambda tx: tx.silences.active(now)))


async def recorded(store: SqlStore, verdict: str) -> int:
    since = NOON - timedelta(days=1)
    return await store.read(lambda tx: tx.audit.count(since=since, verdicts=[verdict]))


@pytest.mark.parametrize("text", ORDERS)
@pytest.mark.parametrize(
    ("who", "chat", "fields", "verdict"),
    [
        pytest.param(SAM, SAM, {}, "stranger", id="stranger"),
        pytest.param(BORIS, -100999, {}, "unknown_chat", id="unknown chat"),
        pytest.param(BORIS, BORIS, {"forward_origin": FORWARDED}, "command_forwarded", id="fwd"),
        pytest.param(
            BORIS,
            TEAM.chat,
            {"sender_chat": {"id": -5, "type": "channel", "title": "x"}},
            "command_of_nobody",
            id="anonymous",
        ),
    ],
)
async def test_what_may_not_be_ordered_changes_nothing(  # noqa: PLR0913, PLR0917  # a table
    phone: Phone,
    store: SqlStore,
    alert: Alert,
    who: int,
    chat: int,
    fields: dict[str, object],
    verdict: str,
    text: str,
) -> None:
    await phone.say(who, text, chat, fields=fields)
    assert await now_is(store) == alert
    assert await history(store) == []
    assert await silences(store) == []
    assert await recorded(store, verdict) == 1


@pytest.mark.parametrize("text", ORDERS)
async def test_a_viewer_may_order_nothing(
    phone: Phone, store: SqlStore, alert: Alert, text: str
) -> None:
    (said,) = texts(await phone.say(VERA, text, TEAM.chat))
    assert said == "Your role is viewer; this needs a manager."
    assert await now_is(store) == alert
    assert await silences(store) == []
    assert await recorded(store, "role_too_low") == 1


async def test_an_order_in_a_caption_or_edited_in_is_not_carried_out(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    fields: dict[str, object] = {"text": None, "caption": "/ack 1", "photo": PHOTO}
    await phone.say(BORIS, None, TEAM.chat, fields=fields)
    group = {"id": TEAM.chat, "type": "supergroup", "title": "A group"}
    stamp = int(NOON.timestamp())
    edited = {"message_id": 1, "date": stamp, "chat": group, "text": "/ack 1", "edit_date": stamp}
    assert await phone.feed(edited_message={**edited, "from": user(BORIS)}) == []
    assert await now_is(store) == alert


@pytest.mark.parametrize("name", ["ack", "giveback", "resolve", "unsilence"])
@pytest.mark.parametrize("number", ["2", "#77", "999999999999"])
async def test_an_alert_that_is_not_there_is_said(
    phone: Phone, alert: Alert, name: str, number: str
) -> None:
    del alert
    (said,) = texts(await phone.say(BORIS, f"/{name} {number}"))
    assert said.startswith("There is no alert #")


async def test_two_people_at_once_one_takes_it_and_the_other_hears_who(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    del alert
    (first,) = texts(await phone.say(BORIS, "/ack 1", TEAM.chat))
    (second,) = texts(await phone.say(ANN, "/ack #1"))
    (third,) = texts(await phone.say(BORIS, "/ack 1"))
    assert first.startswith("👤 Taken. The others see it.\n<b>#1</b> The database is 5.6")
    assert second == "Boris was faster: it is taken."
    assert third == "You have it already."
    taken = await now_is(store)
    assert (taken.state, taken.acknowledged_id) == (State.ACKNOWLEDGED, BORIS)
    assert [(one.event, one.who) for one in await history(store)] == [("acknowledged", "Boris")]


async def test_what_is_given_back_starts_its_clock_anew(
    phone: Phone, store: SqlStore, alert: Alert, clock: Clock
) -> None:
    del alert
    (nobody,) = texts(await phone.say(ANN, "/giveback 1"))
    assert nobody == "Nobody has taken it; there is nothing to give back."
    await phone.say(BORIS, "/ack 1")
    clock.forward(hours=3)
    await phone.say(ANN, "/giveback 1")
    free = await now_is(store)
    assert (free.state, free.acknowledged_by, free.responded_at) == (State.FIRING, None, None)
    assert (free.remind_at, free.escalate_at) == (clock() + HOUR, clock() + 4 * HOUR)
    assert [one.event for one in await history(store)] == ["acknowledged", "given_back"]


async def test_an_alert_that_its_check_still_sees_is_not_closed(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    (said,) = texts(await phone.say(ANN, "/resolve 1"))
    assert said.endswith("/silence 1 4h")
    assert await now_is(store) == alert


@pytest.mark.parametrize(
    ("status", "readings"),
    [
        pytest.param(Status.UNKNOWN, [SICK], id="the check is blind"),
        pytest.param(Status.OK, [ok("shop database")], id="it looks well already"),
        pytest.param(Status.FIRING, [fires("other", Severity.ERROR)], id="another subject fires"),
    ],
)
async def test_an_alert_that_nobody_sees_any_more_is_closed_by_hand(
    phone: Phone, store: SqlStore, alert: Alert, status: Status, readings: list[object]
) -> None:
    del alert
    await store.write(lambda tx: seen(tx, *readings, status=status))
    (said,) = texts(await phone.say(ANN, "/resolve 1"))
    assert said.startswith("✅ Closed.")
    over = await now_is(store)
    assert (over.state, over.proof, over.remind_at) == (State.RESOLVED, {"closed_by": "Ann"}, None)
    for text in ("/resolve 1", "/ack 1", "/giveback 1", "/silence 1 1h", "/silence 1"):
        assert texts(await phone.say(BORIS, text)) == [
            "This alert is over; there is nothing to do."
        ], text
    (story,) = texts(await phone.say(VERA, "/alert 1"))
    assert "Closed by Ann." in story


async def test_a_note_is_kept_once_however_often_the_update_comes(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    del alert
    for _ in range(2):
        await phone.say(ANN, "/note 1 two\nlines " + "x" * 900, fields={"message_id": 7})
    (note,) = await history(store)
    assert str(note.values["text"]).startswith("two lines xxx")
    assert len(str(note.values["text"])) == 500
    (usage,) = texts(await phone.say(ANN, "/note 1"))
    assert usage.endswith("Usage: /note <id> <text>".replace("<", "&lt;").replace(">", "&gt;"))


@pytest.mark.parametrize(
    ("text", "scope", "until"),
    [
        ("/silence 1 15m", ("check_db_growth", "shop database", "warning"), 0.25),
        ("/silence #1 1h why not", ("check_db_growth", "shop database", "warning"), 1),
        ("/silence db_growth 4h", ("check_db_growth", None, "warning"), 4),
        ("/silence check_db 90m", ("check_db_growth", None, "warning"), 1.5),
        ("/silence DB_growth:shop_data 4h", ("check_db_growth", "shop database", "warning"), 4),
        ("/silence error 4h", (None, None, "error"), 4),
        ("/silence all morning", (None, None, "warning"), 18),
    ],
)
async def test_a_silence_is_of_what_was_said_for_as_long(  # noqa: PLR0913, PLR0917  # a table
    phone: Phone,
    store: SqlStore,
    alert: Alert,
    text: str,
    scope: tuple[str | None, str | None, str],
    until: float,
) -> None:
    del alert
    await phone.say(BORIS, text)
    (made,) = await silences(store)
    assert (made.check, made.subject, made.severity) == scope
    assert made.until == NOON + until * HOUR
    assert (made.by_id, made.by_name, made.maintenance) == (BORIS, "Boris", False)
    quiet = await now_is(store)
    assert quiet.remind_at == made.until + HOUR
    assert [one.event for one in await history(store)] == ["silenced"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/silence 1 forever", "never for ever"),
        ("/silence 1 25h", "24h at most"),
        ("/silence 1 0m", "24h at most"),
        ("/silence 1 1d", "24h at most"),
        ("/silence all", "Say for how long"),
        ("/silence moon 1h", "There is no check moon. There are: api_latency_p95,"),
        ("/silence c 1h", "There is no check c."),
        ("/silence db_growth:moon 1h", "It knows: shop_database"),
        ("/silence : 1h", "There is no check"),
        ("/silence", "What is missing is what."),
        ("/maintenance 2h", "What is missing is reason."),
        ("/maintenance long move", "Say for how long"),
        ("/unsilence s7", "There is no such silence."),
        ("/unsilence s", "There is no such silence."),
        ("/unsilence x", "There is no alert #x."),
        ("/unsilence 1", "#1 is not silenced."),
    ],
)
async def test_what_cannot_be_silenced_says_why(
    phone: Phone, store: SqlStore, alert: Alert, text: str, says: str
) -> None:
    del alert
    (said,) = texts(await phone.say(BORIS, text))
    assert says in said
    assert await silences(store) == []


async def test_a_silence_typed_twice_is_one(
    phone: Phone, store: SqlStore, alert: Alert, clock: Clock
) -> None:
    del alert
    await phone.say(BORIS, "/silence 1 1h")
    clock.forward(seconds=5)
    (again,) = texts(await phone.say(ANN, "/silence 1 1h"))
    assert again == "That is silent already, until 16:00 (Boris)."
    await phone.say(ANN, "/silence 1 15m")
    assert [one.until for one in await silences(store)] == [NOON + HOUR]
    await phone.say(ANN, "/silence 1 4h")
    assert [(one.by_name, one.until) for one in await silences(store, clock())] == [
        ("Ann", clock() + 4 * HOUR)
    ]


async def test_a_silence_of_what_a_wider_one_covers_is_not_made(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    del alert
    await phone.say(BORIS, "/silence db_growth 4h")
    (said,) = texts(await phone.say(BORIS, "/silence 1 1h"))
    assert said.startswith("That is silent already")
    assert len(await silences(store)) == 1
    await phone.say(BORIS, "/silence db_growth:shop_database morning")
    assert len(await silences(store)) == 2


async def test_what_got_worse_can_be_silenced_anew(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    del alert
    await phone.say(BORIS, "/silence 1 4h")
    present = await now_is(store)
    await store.write(lambda tx: tx.alerts.save(replace(present, severity=Severity.ERROR)))
    await phone.say(BORIS, "/silence 1 1h")
    (made,) = await silences(store)
    assert made.severity is Severity.ERROR


async def test_a_silence_is_ended_once_and_the_clocks_start_anew(
    phone: Phone, store: SqlStore, alert: Alert, clock: Clock
) -> None:
    del alert
    await phone.say(BORIS, "/silence 1 4h")
    clock.forward(minutes=30)
    (said,) = texts(await phone.say(ANN, "/unsilence 1"))
    assert said.startswith("🔔 <b>It rings again:</b> Database growth: shop database")
    assert await silences(store, clock()) == []
    assert (await now_is(store)).remind_at == clock() + HOUR
    (twice,) = texts(await phone.say(BORIS, "/unsilence s1"))
    assert twice == "That silence is over, ended by Ann."
    assert [one.event for one in await history(store)] == ["silenced", "unsilenced"]


async def test_a_silence_that_ran_out_cannot_be_ended(
    phone: Phone, alert: Alert, clock: Clock
) -> None:
    del alert
    await phone.say(BORIS, "/silence 1 15m")
    clock.forward(minutes=16)
    assert texts(await phone.say(BORIS, "/unsilence S1")) == ["That silence is over."]
    (none,) = texts(await phone.say(BORIS, "/silences"))
    assert none == "🔔 <b>Nothing is silenced.</b>"


async def test_maintenance_silences_everything_and_its_alerts_cannot_end_it(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    del alert
    (page,) = await phone.say(BORIS, "/maintenance 2h new host")
    assert list(buttons(page)) == ["End maintenance"]
    (made,) = await silences(store)
    assert (made.check, made.severity, made.maintenance) == (None, Severity.CRITICAL, True)
    (said,) = texts(await phone.say(BORIS, "/unsilence 1"))
    assert said.startswith("It is silent because of a maintenance, until 17:00.")
    (again,) = texts(await phone.say(ANN, "/maintenance 1h too"))
    assert again.startswith("That is silent already")
    assert len(await silences(store)) == 1


async def test_the_names_of_those_who_spoke_are_known_to_the_rota(
    phone: Phone, store: SqlStore
) -> None:
    await phone.say(VERA, "/status")
    assert await store.read(lambda tx: tx.recall(f"person:{VERA}")) == "Vera"
    await phone.say(SAM, "/whoami")
    assert await store.read(lambda tx: tx.recall(f"person:{SAM}")) is None
