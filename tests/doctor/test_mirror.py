"""Whether SoVAni's own tables of alerts and repairs would take ours; nothing is written."""

from pathlib import Path

import psycopg

from bot.core.model import phrase
from bot.doctor import mirror
from bot.edges.mirror.place import Trouble
from bot.edges.store import SqlStore
from tests.checks.shop import Shop
from tests.doctor.patient import NOON, case, told
from tests.edges.mirror.scene import ON_A_SERVER, TABLES, File


async def examined(folder: Path, **changes: object) -> tuple[str, str, str, str]:
    [result] = await mirror.examine(case(folder, **{"mirror_history": True, **changes}))
    return told(result)


async def test_it_is_skipped_while_it_is_off(tmp_path: Path) -> None:
    assert (await examined(tmp_path, mirror_history=False))[1:3] == (
        "skipped",
        "MIRROR_HISTORY is off.",
    )


async def test_whole_tables_are_fine_and_stay_empty(tmp_path: Path) -> None:
    shop = File(tmp_path / "shop.db")
    shop.run(TABLES)
    assert (await examined(tmp_path))[:2] == ("History for SoVAni", "ok")
    assert shop.rows("ops_alerts_history") == shop.rows("ops_remediation_history") == []


async def test_what_is_missing_is_named(tmp_path: Path) -> None:
    Shop(tmp_path / "shop.db")
    _, verdict, seen, _ = await examined(tmp_path)
    assert verdict == "broken"
    assert "lacks ops_alerts_history, ops_remediation_history." in seen


async def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    _, verdict, seen, _ = await examined(tmp_path)
    assert verdict == "broken"
    assert "is not there" in seen
    assert not (tmp_path / "shop.db").exists()


async def test_what_the_running_assistant_met_is_told(tmp_path: Path) -> None:
    File(tmp_path / "shop.db").run(TABLES)
    store = await SqlStore.open(tmp_path / "state.db")
    kept = Trouble(phrase("mirror_locked", path="shop.db", detail=""), NOON).kept
    await store.write(lambda tx: tx.remember("mirror:trouble", kept, NOON))
    _, verdict, seen, _ = await examined(tmp_path)
    assert verdict == "warning"
    assert seen.startswith("Can be written now; since 12:00 it could not: The shop's database")
    await store.write(lambda tx: tx.remember("mirror:trouble", None, NOON))
    assert (await examined(tmp_path))[1] == "ok"
    await store.close()


async def test_on_a_server_the_rights_are_tried_without_a_row(
    postgres: str, tmp_path: Path
) -> None:
    address = f"{postgres}/postgres"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        server.execute(ON_A_SERVER.encode())
        server.execute("DROP ROLE IF EXISTS looker; CREATE ROLE looker LOGIN")
        server.execute("GRANT USAGE ON SCHEMA public TO looker")
        server.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker")
    assert (await examined(tmp_path, database_url=address))[1] == "ok"
    looking = address.replace("shop@", "looker@")
    _, verdict, seen, _ = await examined(tmp_path, database_url=looking)
    assert verdict == "broken"
    assert "Grant it SELECT, INSERT and UPDATE" in seen
