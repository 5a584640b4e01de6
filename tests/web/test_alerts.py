"""One alert answered by a program: the rules of a tap, and the same audit log."""

from bot.core.model import Severity, fires, ok
from tests import fakes
from tests.web.conftest import Api, is_problem

FULL = fires("shop database", Severity.WARNING, **fakes.FULL)
SLIM = ok("shop database", **fakes.SLIM)
ONE = "/api/v1/ops/alerts/1"


async def test_the_list_has_the_columns_of_sovanis_table_and_more(api: Api) -> None:
    await api.sees(FULL)
    rows = (await api.get("/api/v1/ops/alerts?limit=5&severity=warning")).json()
    assert len(rows) == 1
    row = rows[0]
    assert row["source"] == "check_db_growth"
    assert row["fingerprint"] == "check_db_growth:shop database"
    assert row["message"].startswith("The database is 5.6")
    assert row["extras_json"].startswith("{")
    assert row["sent_to_chat_ids"] == ""
    assert (row["state"], row["severity"]) == ("firing", "warning")
    assert (await api.get("/api/v1/ops/alerts?severity=critical")).json() == []


async def test_an_alert_is_taken_once_and_by_one(api: Api) -> None:
    await api.sees(FULL)
    done = await api.post(f"{ONE}/acknowledge")
    assert (done.status_code, done.json()["key"]) == (200, "taken")
    assert done.json()["alert"]["acknowledged_by"] == "api:the-manager"
    again = await api.post(f"{ONE}/acknowledge")
    assert (again.status_code, again.json()["key"]) == (200, "already_yours")
    assert is_problem(await api.post(f"{ONE}/acknowledge", who="admin"), 409, "was faster")
    assert (await api.post(f"{ONE}/give-back")).json()["key"] == "given_back"
    assert await api.audit() == [
        ("api:the-manager", "POST /api/v1/ops/alerts/1/acknowledge", "taken"),
        ("api:the-manager", "POST /api/v1/ops/alerts/1/acknowledge", "already_yours"),
        ("api:the-admin", "POST /api/v1/ops/alerts/1/acknowledge", "already_taken"),
        ("api:the-manager", "POST /api/v1/ops/alerts/1/give-back", "given_back"),
    ]


async def test_an_alert_that_is_still_seen_is_not_closed_by_hand(api: Api) -> None:
    await api.sees(FULL)
    assert is_problem(await api.post(f"{ONE}/resolve"), 409, "still sees it")
    await api.sees(SLIM)
    assert is_problem(await api.post(f"{ONE}/resolve"), 409, "is over")
    assert is_problem(await api.post(f"{ONE}/acknowledge"), 409, "is over")


async def test_a_silence_begins_and_ends(api: Api) -> None:
    await api.sees(FULL)
    made = await api.post(f"{ONE}/silence", json={"for": "4h", "why": "we know"})
    assert made.status_code == 200, made.text
    silence = made.json()["silence"]
    assert (silence["by"], silence["why"], silence["id"]) == ("api:the-manager", "we know", 1)
    assert (await api.get(ONE)).json()["silenced_until"] == silence["until"]
    assert is_problem(await api.post(f"{ONE}/silence", json={"for": "1h"}), 409, "silent already")
    assert [one["id"] for one in (await api.get("/api/v1/ops/silences")).json()] == [1]
    assert (await api.call("DELETE", "/api/v1/ops/silences/1", "manager")).status_code == 200
    assert (await api.get("/api/v1/ops/silences")).json() == []
    assert is_problem(await api.call("DELETE", "/api/v1/ops/silences/1", "manager"), 409)
    assert is_problem(await api.call("DELETE", "/api/v1/ops/silences/7", "manager"), 404)


async def test_a_silence_is_never_for_ever(api: Api) -> None:
    await api.sees(FULL)
    assert is_problem(await api.post(f"{ONE}/silence", json={"for": "9999h"}), 409, "24 hours")
    assert is_problem(await api.post(f"{ONE}/silence", json={"for": "ever"}), 422)
    assert is_problem(await api.post(f"{ONE}/silence", json={"until": "2099"}), 422)
    assert is_problem(await api.post(f"{ONE}/silence", content=b"{"), 400, "not JSON")


async def test_a_note_with_a_key_is_kept_once(api: Api) -> None:
    await api.sees(FULL)
    for _ in range(2):
        kept = await api.post(
            f"{ONE}/note", json={"text": "<b>tried</b>"}, headers={"Idempotency-Key": "k1"}
        )
        assert kept.status_code == 200
    await api.post(f"{ONE}/note", json={"text": "another"})
    story = (await api.get(ONE)).json()
    notes = [one for one in story["history"] if one["event"] == "note"]
    assert [one["values"]["text"] for one in notes] == ["<b>tried</b>", "another"]
    assert {one["who"] for one in notes} == {"api:the-manager"}
    assert is_problem(await api.post(f"{ONE}/note", json={"text": " "}), 422)
    assert is_problem(
        await api.post(f"{ONE}/note", json={"text": "x"}, headers={"Idempotency-Key": "a b"}), 422
    )


async def test_what_is_not_there_is_said_and_changes_nothing(api: Api) -> None:
    assert is_problem(await api.get("/api/v1/ops/alerts/9"), 404, "no alert #9")
    assert is_problem(await api.post("/api/v1/ops/alerts/9/acknowledge"), 404)
    assert is_problem(await api.get("/api/v1/ops/alerts/9999999999999999999"), 422)
    assert is_problem(await api.get("/api/v1/ops/alerts/one"), 422)


async def test_a_viewer_only_looks(api: Api) -> None:
    await api.sees(FULL)
    for verb in ("acknowledge", "give-back", "resolve", "note", "silence"):
        assert is_problem(await api.post(f"{ONE}/{verb}", who="viewer"), 403)
    assert is_problem(await api.call("DELETE", "/api/v1/ops/silences/1", "viewer"), 403)
    story = (await api.get(ONE)).json()
    assert (story["state"], [one["event"] for one in story["history"]]) == ("firing", ["opened"])
