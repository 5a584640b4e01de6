"""Silences and maintenance by typed command: of what, for how long, and how they end."""

from dataclasses import replace

import pytest

from bot.core.model import Alert, Severity
from bot.edges.store import SqlStore
from tests.conftest import NOON, Clock
from tests.handlers.alerts import HOUR, history, now_is, opened, silences
from tests.handlers.telegram import ANN, BORIS, Phone, buttons, texts


@pytest.fixture
async def alert(store: SqlStore) -> Alert:
    return await store.write(opened)


@pytest.mark.parametrize(
    ("text", "scope", "until"),
    [
        ("/silence 1 15m", ("check_db_growth", "shop database", "warning"), 0.25),
        ("/silence #1 1h why not", ("check_db_growth", "shop database", "warning"), 1),
        ("/silence db_growth 4h", ("check_db_growth", None, "warning"), 4),
        ("/silence check_db_g 90m", ("check_db_growth", None, "warning"), 1.5),
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
