"""What happens here is in SoVAni's own tables, once, whatever happens to either database."""

import asyncio
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from bot.core.book import Book
from bot.core.model import Severity, Unreadable, fires, ok, phrase
from bot.core.ports import Tx
from bot.core.records import PostState, RunState
from bot.core.runbook import Runbook
from bot.edges.mirror import trouble_of
from bot.edges.mirror.loop import BREATH, EVERY
from bot.edges.shop.history import stamp
from bot.edges.shop.postgres_history import postgres_sessions
from bot.edges.shop.threads import Stop, Threads
from bot.edges.store import SqlStore
from tests import fakes
from tests.conftest import NOON, TEAM, Clock
from tests.edges.mirror.killed import POINTS
from tests.edges.mirror.scene import ON_A_SERVER, SECRET, TABLES, File, Scene, Server, Shop

SICK = fires("shop database", Severity.WARNING, **fakes.FULL)
WORSE = fires("shop database", Severity.ERROR, **fakes.FULL)
WELL = ok("shop database", **fakes.SLIM)
NO_ERRORS = (
    "CREATE TRIGGER mild BEFORE INSERT ON ops_alerts_history WHEN NEW.severity = 'error'"
    " BEGIN SELECT RAISE(ABORT, 'no errors here'); END"
)
NO_ERRORS_ON_A_SERVER = "ALTER TABLE ops_alerts_history ADD CHECK (severity <> 'error')"


@pytest.fixture(params=["file", "server"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    if request.param == "file":
        made: Shop = File(tmp_path / "shop.db")
        made.run(f"PRAGMA journal_mode=WAL; {TABLES}")
        return made
    address = f"{request.getfixturevalue('postgres')}/postgres"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        server.execute(ON_A_SERVER.encode())
    return Server(address)


@pytest.fixture
async def scene(
    shop: Shop, store: SqlStore, book: Book, runbook: Runbook, clock: Clock
) -> AsyncIterator[Scene]:
    made = Scene(shop=shop, store=store, book=book, runbook=runbook, clock=clock)
    yield made
    await made.close()


only_a_file = pytest.mark.parametrize("shop", ["file"], indirect=True)
only_a_server = pytest.mark.parametrize("shop", ["server"], indirect=True)


async def test_an_alert_is_one_row_that_follows_its_life(scene: Scene) -> None:
    mirror = scene.mirror()
    await mirror.turn()
    await scene.sees(SICK)
    assert await mirror.turn() == EVERY
    [row] = scene.alerts
    assert (row["source"], row["severity"]) == ("check_db_growth", "warning")
    assert row["fingerprint"] == "check_db_growth:shop database"
    assert row["message"] == "The database is 5.6 GB, the limit is 5.0 GB"
    assert str(row["created_at"])[:19] == "2026-11-23 12:00:00"
    scene.clock.forward(minutes=3)
    await scene.sees(WORSE)
    await scene.acknowledge(1, "Ann")
    scene.clock.forward(minutes=3)
    await scene.sees(WELL)
    await mirror.turn()
    [row] = scene.alerts
    assert row["severity"] == "error"
    [extras] = scene.extras()
    assert extras["state"] == "resolved"
    assert extras["acknowledged_by"] == "Ann"
    assert extras["resolved_at"] == stamp(scene.clock())
    assert extras["facts"]["total_bytes"] == 5_600_000_000
    scene.clock.forward(minutes=1)
    await scene.sees(SICK)  # the old card speaks again
    await mirror.turn()
    [extras] = scene.extras()
    assert (extras["state"], extras["times"]) == ("firing", 2)
    assert str(scene.alerts[0]["created_at"])[:19] == "2026-11-23 12:00:00"


async def test_begun_anew_at_any_time_it_finds_its_rows_again(scene: Scene) -> None:
    await scene.mirror().turn()
    await scene.sees(SICK)
    await scene.ran("a", RunState.SUCCEEDED, alert_id=1, after=fakes.VACUUMED)
    await scene.ran("b", RunState.FAILED, alert_id=1)
    await scene.ran("c", RunState.SUCCEEDED, after=fakes.VACUUMED)
    await scene.mirror().turn()
    before = scene.alerts, scene.repairs
    assert [len(one) for one in before] == [1, 3]
    place = {"history": 0, "runs": 0}
    await scene.change(lambda tx: tx.remember("mirror", place, NOON))  # as from a backup
    await scene.mirror().turn()
    assert (scene.alerts, scene.repairs) == before


async def test_a_repair_is_written_when_it_is_over(scene: Scene) -> None:
    mirror = scene.mirror()
    await mirror.turn()
    await scene.sees(SICK)
    await scene.ran("refused", RunState.REFUSED, started_at=None)
    run = await scene.ran("goes on", RunState.RUNNING, alert_id=1, finished_at=None)
    await scene.ran("failed", RunState.FAILED, alert_id=1)
    await mirror.turn()
    assert [row["status"] for row in scene.repairs] == ["failure"]
    done = replace(run, state=RunState.SUCCEEDED, after=fakes.VACUUMED, finished_at=NOON)
    await scene.change(lambda tx: tx.runs.move(done, frm=RunState.RUNNING))
    await mirror.turn()
    failed, vacuum = scene.repairs
    assert failed["retry_count"] == 1  # tried before for this alert
    assert (vacuum["status"], vacuum["action_name"]) == ("success", "remediate_vacuum_db")
    assert vacuum["alert_id"] == scene.alerts[0]["id"]
    assert vacuum["details"].replace("\u202f", " ") == (
        "Run VACUUM: 5.6 GB → 3.1 GB in 38 s, by Ann, verified 15:00 [SoVAni Ops, run 2]"
    )
    place = await scene.store.read(lambda tx: tx.recall("mirror"))
    assert place == {"history": 0, "runs": 3}  # the alert is looked at again


@only_a_file
async def test_the_chats_are_those_that_were_shown_it(scene: Scene) -> None:
    mirror = scene.mirror()
    await mirror.turn()
    await scene.sees(SICK)
    await mirror.turn()
    assert scene.alerts[0]["sent_to_chat_ids"] == "[]"
    await scene.change(_show)
    scene.clock.forward(seconds=11)
    await mirror.turn()
    assert scene.alerts[0]["sent_to_chat_ids"] == f"[{TEAM.chat}]"
    place = await scene.store.read(lambda tx: tx.recall("mirror"))
    assert place == {"history": 1, "runs": 0}
    untouched = scene.shop.rows("(SELECT 1 AS id, changes() AS n)")
    await mirror.turn()
    assert scene.shop.rows("(SELECT 1 AS id, changes() AS n)") == untouched


def _show(tx: Tx) -> None:
    for post in tx.posts.of_alert(1):
        tx.posts.save(replace(post, state=PostState.SHOWN, message_id=7))


@only_a_file
async def test_what_the_shop_has_written_down_itself_is_not_written_again(scene: Scene) -> None:
    mirror = scene.mirror()
    await mirror.turn()
    scene.shop.run(
        "INSERT INTO ops_remediation_history (triggered_at, action_name, status, details)"
        " VALUES ('2026-11-23 12:00:02', 'remediate_vacuum_db', 'success', 'by SoVAni')"
    )
    after = NOON + timedelta(seconds=4)
    await scene.ran("ours too", RunState.SUCCEEDED, finished_at=after, after=fakes.VACUUMED)
    late = {"started_at": after, "finished_at": after, "why": phrase("interrupted")}
    await scene.ran("later", RunState.FAILED, **late)
    await mirror.turn()
    assert [row["details"].split(" ")[0] for row in scene.repairs] == ["by", "Run"]


@only_a_file
async def test_the_first_time_it_begins_with_what_is_open(scene: Scene) -> None:
    await scene.sees(SICK)
    await scene.sees(WELL)
    scene.clock.forward(days=1)
    await scene.sees(WORSE)
    await scene.mirror().turn()
    assert [one["state"] for one in scene.extras()] == ["firing"]


@only_a_file
async def test_no_secret_and_nothing_a_database_would_not_take(scene: Scene) -> None:
    mirror = scene.mirror()
    await mirror.turn()
    name = f"=1+1 {SECRET} \0 Ünï 🟥" + "x" * 100
    await scene.sees(fires(name, Severity.CRITICAL, **fakes.FULL, words=[SECRET, name, "\ud800"]))
    await mirror.turn()
    [row] = scene.alerts
    assert SECRET not in str(row)
    assert len(row["fingerprint"]) == 64
    [extras] = scene.extras()
    assert "Ünï 🟥" in extras["subject"]


@only_a_file
async def test_a_lack_is_said_once_and_what_waited_is_written_later(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot.edges.mirror.loop")
    scene.shop.run("ALTER TABLE ops_alerts_history RENAME TO elsewhere")
    mirror = scene.mirror()
    rests = [await mirror.turn() for _ in range(9)]
    assert rests[:4] == [2, 4, 8, 16]
    assert rests[-1] == 300
    await scene.sees(SICK)
    await scene.sees(WELL)
    await scene.mirror().turn()  # after a restart too
    [line] = caplog.records
    assert line.levelname == "WARNING"
    assert line.why == (  # type: ignore[attr-defined]  # an extra
        "The shop's database lacks ops_alerts_history."
        " Alerts and repairs are not written there until it has them."
    )
    scene.shop.run("ALTER TABLE elsewhere RENAME TO ops_alerts_history")
    assert await mirror.turn() == EVERY
    assert len(scene.alerts) == 1
    assert caplog.records[-1].message == "history for SoVAni is written again"


@only_a_file
@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "ALTER TABLE ops_alerts_history RENAME COLUMN extras_json TO extras",
            "lacks ops_alerts_history.extras_json",
        ),
        ("DROP TABLE ops_remediation_history", "lacks ops_remediation_history."),
        (
            "ALTER TABLE ops_alerts_history ADD COLUMN org_id integer",
            "ops_alerts_history has a column org_id",
        ),
    ],
)
async def test_drift_is_said_by_name(scene: Scene, script: str, words: str) -> None:
    scene.shop.run(script)
    mirror = scene.mirror()
    assert await mirror.turn() == EVERY
    trouble = trouble_of(await scene.store.read(lambda tx: tx.recall("mirror:trouble")))
    assert trouble is not None
    assert words in mirror.say(trouble.why)


async def test_columns_of_older_and_newer_releases_are_no_matter(scene: Scene) -> None:
    scene.shop.run(
        "ALTER TABLE ops_alerts_history DROP COLUMN sent_to_chat_ids;"
        "ALTER TABLE ops_alerts_history ADD COLUMN more varchar(9) DEFAULT 'x';"
        "ALTER TABLE ops_remediation_history DROP COLUMN retry_count;"
        "ALTER TABLE ops_remediation_history DROP COLUMN alert_id;"
    )
    mirror = scene.mirror()
    await mirror.turn()
    await scene.sees(SICK)
    await scene.ran("a", RunState.SUCCEEDED, alert_id=1, after=fakes.VACUUMED)
    await mirror.turn()
    await mirror.turn()
    assert [row["more"] for row in scene.alerts] == ["x"]
    assert len(scene.repairs) == 1


@only_a_server
async def test_a_server_of_other_types_has_one_row_all_the_same(scene: Scene) -> None:
    scene.shop.run(
        "ALTER TABLE ops_alerts_history ALTER created_at TYPE timestamptz(0),"
        " ALTER extras_json TYPE jsonb USING extras_json::jsonb,"
        " ALTER sent_to_chat_ids TYPE json USING sent_to_chat_ids::json;"
        "ALTER TABLE ops_remediation_history ALTER triggered_at TYPE timestamp(0)"
    )
    scene.clock.forward(milliseconds=678)
    mirror = scene.mirror()
    await mirror.turn()
    await scene.sees(SICK)
    await scene.ran("a", RunState.SUCCEEDED, alert_id=1, after=fakes.VACUUMED)
    for one in (mirror, scene.mirror(), scene.mirror()):
        await one.turn()
    assert [row["id"] for row in scene.alerts] == [row["alert_id"] for row in scene.repairs]


@only_a_server
async def test_a_server_that_only_reads_is_told_so_and_loses_nothing(scene: Scene) -> None:
    read_only = "ALTER ROLE shop SET default_transaction_read_only"
    mirror = scene.mirror()
    await mirror.turn()
    scene.shop.run(f"{read_only} = on")
    try:
        await scene.sees(SICK)
        assert await mirror.turn() == EVERY
        trouble = trouble_of(await scene.store.read(lambda tx: tx.recall("mirror:trouble")))
        assert trouble is not None
        assert "read-only transaction" in mirror.say(trouble.why)
    finally:
        scene.shop.run(f"BEGIN READ WRITE; {read_only} = off; COMMIT")
    await mirror.turn()
    assert len(scene.alerts) == 1


async def test_a_row_that_is_never_taken_keeps_no_other_out(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.shop.run(NO_ERRORS if isinstance(scene.shop, File) else NO_ERRORS_ON_A_SERVER)
    mirror = scene.mirror()
    await mirror.turn()
    await scene.sees(replace(WORSE, subject="db 1"))
    assert await mirror.turn() == EVERY
    trouble = trouble_of(await scene.store.read(lambda tx: tx.recall("mirror:trouble")))
    assert trouble is not None  # it may be the whole table's
    assert trouble.why.key == "mirror_refused"
    await scene.sees(replace(WORSE, subject="db 1"), replace(SICK, subject="db 2"))
    await scene.ran("a", RunState.SUCCEEDED, after=fakes.VACUUMED)
    assert await mirror.turn() == EVERY
    assert [row["fingerprint"][-4:] for row in scene.alerts] == ["db 2"]
    assert len(scene.repairs) == 1
    [line] = [one for one in caplog.records if one.message.endswith("left out")]
    assert line.row == '"sovani_ops": "alert 1"'  # type: ignore[attr-defined]  # an extra
    assert await scene.store.read(lambda tx: tx.recall("mirror:trouble")) is None
    scene.clock.forward(seconds=11)
    await mirror.turn()
    assert await mirror.turn() is None
    place = await scene.store.read(lambda tx: tx.recall("mirror"))
    assert place == {"history": 2, "runs": 1}


@only_a_file
async def test_it_looks_again_only_after_a_change_and_until_that_is_settled(scene: Scene) -> None:
    mirror, rests, idle = scene.mirror(), list[float](), asyncio.Event()

    async def sleep(seconds: float) -> None:
        rests.append(seconds)
        scene.clock.forward(seconds=seconds)

    async def looks_out(_seconds: float) -> None:
        idle.set()

    assert await mirror.turn() is None
    mirror.sleep, mirror.lookout.sleep = sleep, looks_out
    scene.store.written = mirror.lookout.wake
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:  # by itself it looks after 30 s
        running = group.create_task(mirror.run())
        await idle.wait()
        idle.clear()
        await scene.sees(SICK)
        await idle.wait()
        running.cancel()
    assert rests == [EVERY] * 5
    assert len(scene.alerts) == 1
    assert await scene.store.read(lambda tx: tx.recall("mirror")) == {"history": 1, "runs": 0}


@only_a_server
async def test_a_server_that_does_not_answer_is_hung_up_on(scene: Scene) -> None:
    sql = scene.mirror().entries.cards.templates.sql
    open_session, threads = postgres_sessions(scene.shop.url, sql=sql), Threads("x", workers=1)

    def work(stop: Stop) -> None:
        with open_session(stop) as session:
            session.rows("SELECT pg_sleep(4)", {})

    began = time.monotonic()
    with pytest.raises(Unreadable, match="shop_server_unreachable"):
        await threads.run(work, limit=0.2)
    assert time.monotonic() - began < 3
    await threads.close()


@only_a_file
async def test_a_locked_file_is_left_alone_and_written_when_it_is_free(scene: Scene) -> None:
    mirror = scene.mirror()
    await mirror.turn()
    await scene.sees(SICK)
    assert isinstance(scene.shop, File)
    with closing(sqlite3.connect(scene.shop.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert await mirror.turn() == EVERY
        assert time.monotonic() - began < 3
        assert scene.alerts == []
        other.execute("ROLLBACK")
    await mirror.turn()
    assert len(scene.alerts) == 1


@only_a_file
async def test_a_shop_that_is_not_there_is_not_made(scene: Scene) -> None:
    assert isinstance(scene.shop, File)
    scene.shop.path.unlink()
    assert await scene.mirror().turn() == EVERY
    assert not scene.shop.path.exists()


@only_a_file
async def test_many_alerts_come_in_short_transactions(scene: Scene) -> None:
    mirror = scene.mirror()
    await mirror.turn()
    await scene.sees(*(replace(SICK, subject=f"db {n}") for n in range(120)))
    rests = [await mirror.turn() for _ in range(3)]
    assert rests == [BREATH, BREATH, EVERY]
    assert len(scene.alerts) == 120


@only_a_file
async def test_killed_at_any_point_no_row_is_lost_or_there_twice(
    scene: Scene, tmp_path: Path
) -> None:
    """A process that really dies, five times; a second in all."""
    begun = {"history": 0, "runs": 0}
    await scene.change(lambda tx: tx.remember("mirror", begun, NOON))
    await scene.sees(*(replace(SICK, subject=f"db {n}") for n in range(3)))
    for key in ("a", "b"):
        await scene.ran(key, RunState.SUCCEEDED, alert_id=1, after=fakes.VACUUMED)
    command = (sys.executable, "-m", "tests.edges.mirror.killed", str(tmp_path))
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told, _ = await child.communicate()
    assert told.decode().splitlines() == [*(f"{one} 9" for one in POINTS), "to the end 0"]
    assert [row["fingerprint"][-4:] for row in scene.alerts] == ["db 0", "db 1", "db 2"]
    assert [row["details"].split("[")[1] for row in scene.repairs] == [
        "SoVAni Ops, run 1]",
        "SoVAni Ops, run 2]",
    ]
    place = await scene.store.read(lambda tx: tx.recall("mirror"))
    assert place == {"history": 3, "runs": 2}
