"""Questions from a program: figures as JSON, the text of the chat, and nothing that changes."""

import pytest

from bot.core.model import Severity, fires
from bot.core.records import RunState
from tests import fakes
from tests.web.conftest import Api, is_problem

FULL = fires("shop database", Severity.WARNING, **fakes.FULL)
SUMMARY = "/api/v1/ops/slo/summary"


async def test_the_line_of_the_runbook_needs_no_token_on_this_machine(api: Api) -> None:
    answer = await api.get(f"{SUMMARY}?days=7", who=None)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["status"], body["days_analyzed"]) == ("ok", 7)
    assert (body["d_from"], body["d_to"]) == ("2026-11-17", "2026-11-23")
    assert set(body["ingest"]) == {"pass", "off", "actual_pct", "target_pct"}
    assert set(body["api_latency"]) == {"pass", "off", "actual_p95_ms", "target_p95_ms"}
    assert body["overall_pass"] is False  # nothing is known, and that is never good


@pytest.mark.parametrize("days", ["0", "91", "x"])
async def test_a_span_has_limits(api: Api, days: str) -> None:
    assert is_problem(await api.get(f"{SUMMARY}?days={days}"), 422)


async def test_from_one_day_to_another(api: Api) -> None:
    span = "/api/v1/ops/slo?date_from=2026-11-20&date_to=2026-11-22"
    assert (await api.get(span)).json()["days_analyzed"] == 3
    assert is_problem(await api.get(span, who=None), 401)
    for wrong in (
        "date_from=2026-11-22&date_to=2026-11-20",
        "date_to=2027-01-01",
        "date_from=2020-01-01",
    ):
        assert is_problem(await api.get(f"/api/v1/ops/slo?{wrong}"), 422)


async def test_run_detectors_answers_as_sovani_does_and_more(api: Api) -> None:
    api.world.readings = [FULL]
    body = (await api.post("/api/v1/ops/run-detectors", who="admin")).json()
    assert (body["status"], body["total_checks"], body["passed"], body["failed"]) == (
        "completed",
        1,
        0,
        1,
    )
    result = body["results"][0]
    assert (result["ok"], result["severity"]) == (False, "warning")
    assert result["fingerprint"] == "check_db_growth:shop database"
    assert result["msg"].startswith("The database is 5.6")
    assert await api.audit() == [("api:the-admin", "POST /api/v1/ops/run-detectors", "done")]
    assert (await api.get("/api/v1/ops/alerts/1")).json()["state"] == "firing"


async def test_what_cannot_be_seen_is_not_passed(api: Api) -> None:
    api.world.readings = OSError("gone")
    body = (await api.post("/api/v1/ops/run-detectors")).json()
    assert (body["passed"], body["failed"], body["unknown"]) == (0, 0, 1)
    assert body["results"][0]["ok"] is False


async def test_a_diagnosis_has_figures_and_text(api: Api) -> None:
    await api.post(
        "/webhook/generic",
        who="sender",
        json={"title": "Backup failed", "labels": {"host": "web-1"}},
    )
    body = (await api.get("/api/v1/ops/diagnose?alert_source=external_generic")).json()
    assert "host = web-1" in body["text"]
    no_source = await api.get("/api/v1/ops/diagnose?alert_source=check_x")
    assert is_problem(no_source, 404)
    assert no_source.json()["detail"] == "There is no alert source check_x."
    assert is_problem(await api.get("/api/v1/ops/diagnose?alert_source=external_grafana"), 404)
    wrong = "/api/v1/ops/diagnose?alert_source=check_db_growth&question=drop"
    assert is_problem(await api.get(wrong), 404, "no question drop")


async def test_a_command_of_the_chat_is_asked(api: Api) -> None:
    await api.sees(FULL)
    body = (await api.get("/api/v1/ops/ask?command=alerts")).json()
    assert "The database is 5.6" in body["text"]
    assert "<" not in body["text"]
    assert is_problem(await api.get("/api/v1/ops/ask?command=silence&args=all"), 404)
    assert is_problem(await api.get("/api/v1/ops/ask?command=nothing"), 404)
    assert is_problem(await api.get("/api/v1/ops/ask?command=alerts&args=x"), 422)
    names = {one["name"] for one in (await api.get("/api/v1/ops/questions")).json()}
    assert {"alerts", "status", "diagnose"} <= names
    assert "silence" not in names


async def test_reading_changes_nothing(api: Api) -> None:
    before = await api.rows("SELECT COUNT(*) FROM audit")
    for path in ("alerts", "health", "slo/summary", "silences", "actions", "questions"):
        assert (await api.get(f"/api/v1/ops/{path}")).status_code == 200
    assert await api.rows("SELECT COUNT(*) FROM audit") == before
    assert await api.write(lambda tx: list(tx.runs.in_state(*RunState))) == []


async def test_ready_has_a_reason_for_each_part(api: Api) -> None:
    body = (await api.get("/ready")).json()
    assert body == {"status": "ready", "parts": [], "switched_off": []}
