"""Alerts that other programs send: they live, ring, are taken and end as our own do."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.core import senders
from bot.core.ports import Tx
from bot.core.records import PostKind
from tests.conftest import NOON
from tests.web.conftest import Api, is_problem

MINUTE = timedelta(minutes=1)


def prometheus(
    name: str = "DiskFull", *, ends: timedelta | None = 4 * MINUTE, **labels: str
) -> dict[str, Any]:
    """One alert as Prometheus sends it every minute while it fires."""
    alert: dict[str, Any] = {
        "labels": {"alertname": name, "severity": "error", "instance": "web-1:9100", **labels},
        "annotations": {"summary": f"{name} on web-1", "description": "93 % full"},
        "startsAt": "2026-11-23T11:58:00.123456789Z",
        "generatorURL": "http://prometheus:9090/graph?g0.expr=up",
    }
    if ends is not None:
        alert["endsAt"] = (NOON + ends).isoformat()
    return alert


def webhook(status: str = "firing", **more: object) -> dict[str, Any]:
    alert = {
        "status": status,
        "labels": {"alertname": "HighMemory", "severity": "critical", "zone": "us-1"},
        "annotations": {"summary": "Memory is high", "runbook_url": "https://wiki/memory"},
        "startsAt": "2026-11-23T11:58:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://grafana/alerting/1/edit",
        "fingerprint": "c6eadffa33fcdf37",
    }
    return {
        "version": "4",
        "status": status,
        "receiver": "ops",
        "truncatedAlerts": 0,
        "alerts": [alert | more],
    }


async def send(api: Api, path: str, body: object, status: int = 200) -> dict[str, Any]:
    answer = await api.post(path, who="sender", json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def listed(api: Api) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await api.get("/api/v1/ops/alerts")).json()
    return rows


async def tick(api: Api) -> int:
    now, book = api.clock(), api.context.book
    return await api.write(lambda tx: senders.lapse(tx, book, now, MINUTE))


async def card(api: Api, alert_id: int = 1) -> str:
    def render(tx: Tx) -> str:
        alert = tx.alerts.get(alert_id)
        assert alert is not None
        return api.context.cards.alert_card(tx, alert, api.clock())

    return await api.write(render)


async def test_an_alert_of_prometheus_opens_one_alert_with_a_card(api: Api) -> None:
    assert await send(api, "/api/v2/alerts", [prometheus()]) == {"firing": 1, "resolved": 0}
    await send(api, "/api/v2/alerts", [prometheus()])
    rows = await listed(api)
    assert [(one["source"], one["severity"], one["state"]) for one in rows] == [
        ("external_prometheus", "error", "firing")
    ]
    assert rows[0]["message"] == "DiskFull: DiskFull on web-1"
    assert rows[0]["facts"]["link"] == "http://prometheus:9090/graph?g0.expr=up"
    assert rows[0]["times"] == 1
    posts = await api.write(lambda tx: tx.posts.of_alert(1))
    assert [(one.kind, one.chat_id) for one in posts] == [(PostKind.CARD, -1002)]
    text = await card(api)
    assert "🟠 <b>DiskFull: DiskFull on web-1</b>" in text
    assert "<b>instance</b> web-1:9100" in text
    assert "❔" not in text


async def test_it_is_over_when_its_end_has_come(api: Api) -> None:
    await send(api, "/api/v2/alerts", [prometheus()])
    assert await send(api, "/api/v2/alerts", [prometheus(ends=-MINUTE)]) == {
        "firing": 0,
        "resolved": 1,
    }
    assert (await listed(api))[0]["state"] == "resolved"
    assert "✅ <b>DiskFull: its sender says that it is over</b>" in await card(api)


async def test_the_end_of_an_alert_never_heard_of_is_nothing(api: Api) -> None:
    await send(api, "/api/v2/alerts", [prometheus(ends=-MINUTE)])
    assert await listed(api) == []


async def test_other_labels_are_another_alert_and_nothing_is_said_of_the_first(api: Api) -> None:
    await send(api, "/api/v2/alerts", [prometheus()])
    await send(api, "/api/v2/alerts", [prometheus(instance="web-2:9100")])
    await send(api, "/api/v2/alerts", [prometheus(instance="web-2:9100", ends=-MINUTE)])
    assert [one["state"] for one in await listed(api)] == ["resolved", "firing"]


async def test_a_sender_that_falls_silent_leaves_its_alert_open_and_says_so(api: Api) -> None:
    await send(api, "/api/v2/alerts", [prometheus()])
    api.clock.forward(minutes=4)
    assert await tick(api) == 0  # within the grace
    assert is_problem(await api.post("/api/v1/ops/alerts/1/resolve"), 409, "still sees it")
    api.clock.forward(minutes=1)
    assert await tick(api) == 1
    assert await tick(api) == 0
    assert (await listed(api))[0]["state"] == "firing"
    assert "❔ Its sender has said nothing of it since 15:00" in await card(api)
    assert (await api.post("/api/v1/ops/alerts/1/resolve")).status_code == 200


async def test_a_sender_that_speaks_again_is_believed_again(api: Api) -> None:
    await send(api, "/api/v2/alerts", [prometheus()])
    api.clock.forward(minutes=10)
    await tick(api)
    await send(api, "/api/v2/alerts", [prometheus(ends=15 * MINUTE)])
    assert "❔" not in await card(api)
    await send(api, "/api/v2/alerts", [prometheus(ends=-MINUTE)])
    assert (await listed(api))[0]["state"] == "resolved"
    assert await api.rows("SELECT * FROM heard") == []


async def test_one_without_an_end_has_the_resolve_timeout(api: Api) -> None:
    await send(api, "/api/v2/alerts", [prometheus(ends=None)])
    api.clock.forward(minutes=5, seconds=59)
    assert await tick(api) == 0
    api.clock.forward(seconds=2)
    assert await tick(api) == 1


async def test_an_alert_closed_by_hand_is_not_missed_and_comes_back_if_told_again(
    api: Api,
) -> None:
    await send(api, "/api/v2/alerts", [prometheus()])
    api.clock.forward(minutes=10)
    await tick(api)
    await api.post("/api/v1/ops/alerts/1/resolve")
    assert await tick(api) == 0
    assert [one["state"] for one in await listed(api)] == ["resolved"]
    await send(api, "/api/v2/alerts", [prometheus(ends=20 * MINUTE)])
    assert [(one["state"], one["times"]) for one in await listed(api)] == [("firing", 2)]


@pytest.mark.parametrize("path", ["/webhook/alertmanager", "/webhook/grafana"])
async def test_webhooks_say_what_fires_and_what_is_over(api: Api, path: str) -> None:
    assert await send(api, path, webhook()) == {"firing": 1, "resolved": 0}
    rows = await listed(api)
    assert (rows[0]["severity"], rows[0]["message"]) == ("critical", "HighMemory: Memory is high")
    assert rows[0]["facts"]["runbook"] == "https://wiki/memory"
    api.clock.forward(hours=25)
    assert await tick(api) == 0
    await send(api, path, webhook("resolved", endsAt="2026-11-23T12:05:00Z"))
    assert (await listed(api))[0]["state"] == "resolved"


async def test_a_webhook_that_repeats_nothing_for_a_day_is_doubted(api: Api) -> None:
    await send(api, "/webhook/grafana", webhook())
    api.clock.forward(hours=27)
    assert await tick(api) == 1
    assert "❔" in await card(api)


async def test_grafanas_numbers_are_shown(api: Api) -> None:
    await send(
        api,
        "/webhook/grafana",
        webhook(values={"B": 44.239, "C": 1, "D": -(10**400)}, panelURL="https://g/p?x=1"),
    )
    text = await card(api)
    assert "<b>Values</b> B = 44.239, C = 1" in text
    assert 'href="https://g/p?x=1"' in text


async def test_a_script_needs_one_line(api: Api) -> None:
    await send(api, "/webhook/generic", {"title": "Backup failed"})
    await send(
        api, "/webhook/generic", [{"title": "Backup failed"}, {"id": "x", "title": "Other"}]
    )
    await send(
        api,
        "/webhook/generic",
        {"alerts": [{"id": "x", "title": "New words", "severity": "critical"}]},
    )
    rows = await listed(api)
    assert [(one["message"], one["severity"]) for one in rows] == [
        ("New words", "critical"),
        ("Backup failed", "warning"),
    ]
    await send(api, "/webhook/generic", {"id": "x", "title": "New words", "status": "resolved"})
    assert [one["state"] for one in await listed(api)] == ["resolved", "firing"]


async def test_invalid_alerts_are_refused_and_the_others_taken(api: Api) -> None:
    bad = [
        {"labels": {}},
        {"labels": {"alertname": ""}},
        {"labels": {"a": 1}},
        "x",
        prometheus(ends=-9 * MINUTE),
        {**prometheus(), "endsAt": 0},
        {**prometheus(), "startsAt": "1764072000"},
    ]
    answer = await api.post("/api/v2/alerts", who="sender", json=[prometheus(), *bad])
    assert is_problem(answer, 400, "7 of the alerts cannot be read; 1 are taken")
    assert len(answer.json()["errors"]) == 7
    assert len(await listed(api)) == 1


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/api/v2/alerts", b"{", "not JSON"),
        ("/api/v2/alerts", b"", "not JSON"),
        ("/api/v2/alerts", b"\xff\xfe", "not JSON"),
        ("/api/v2/alerts", b'"\\ud800"', "not JSON"),
        ("/api/v2/alerts", b"[" * 100_000, "not JSON"),
        ("/api/v2/alerts", b"{}", "not a list"),
        ("/webhook/alertmanager", b"[]", "not an object"),
        ("/webhook/alertmanager", b'{"version":"3","alerts":[]}', "version"),
        ("/webhook/grafana", b'{"alerts":null}', "not a list"),
        ("/webhook/generic", b"12", "not a list"),
        ("/api/v2/alerts", json.dumps([{}] * 1001).encode(), "more than 1000"),
    ],
)
async def test_what_is_no_alert_is_refused_in_one_line(
    api: Api, path: str, body: bytes, words: str
) -> None:
    answer = await api.post(path, who="sender", content=body)
    assert is_problem(answer, 400, words)
    assert "\n" not in answer.json()["detail"]
    assert await listed(api) == []


@pytest.mark.parametrize(
    ("dropped", "words"),
    [
        (3, "left out 3 alerts"),
        pytest.param(10**400, "left out 1000000000 alerts", id="a number without end"),
        *(("3", "no"), (True, "no"), (None, "no"), (0.5, "no"), (0.0, "")),
    ],
)
async def test_what_a_sender_left_out_is_told(api: Api, dropped: object, words: str) -> None:
    alert = {"status": "firing", "labels": {"alertname": "DiskFull"}}
    body = {"version": "4", "alerts": [alert], "truncatedAlerts": dropped}
    answer = await api.post("/webhook/alertmanager", who="sender", json=body)
    assert len(await listed(api)) == 1  # what could be read is taken, whatever else is wrong
    if not words:
        assert answer.status_code == 200
        return
    assert is_problem(answer, 400, "1 are taken")
    [error] = answer.json()["errors"]
    assert ("truncatedAlerts is not a whole number" if words == "no" else words) in error["what"]


async def test_a_script_with_nothing_to_tell_is_told_so(api: Api) -> None:
    answer = await api.post("/webhook/generic", who="sender", json={"alerts": []})
    assert answer.json() == {"firing": 0, "resolved": 0}
    schemas = (await api.get("/openapi.json")).json()["components"]["schemas"]
    assert "minItems" not in schemas["GenericBody"]["properties"]["alerts"]  # as documented


async def test_strangers_text_is_harmless(api: Api) -> None:
    evil = {
        "title": '<b>x</b> <a href="tg://user?id=1">&\u202e\x00 ' + "я" * 300,
        "text": "<script>" * 900,
        "labels": {f"l{n:03}": "</pre>" * 90 for n in range(60)},
        "url": "javascript:alert(1)",
    }
    await send(api, "/webhook/generic", evil)
    text = await card(api)
    assert "<script>" not in text
    assert "&lt;b&gt;x&lt;/b&gt;" in text
    assert "javascript" not in text
    assert "\u202e" not in text
    assert len(text) < 4096
    assert (await listed(api))[0]["facts"]["labels_more"] == 48


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "http://",
        "https://user:pw@host/",
        "//host",
        "http://a b/",
        "http://[::1",
        "ftp://h/",
        "http://h\u0000/",
    ],
)
async def test_only_plain_web_addresses_become_links(api: Api, url: str) -> None:
    await send(api, "/webhook/generic", {"title": "x", "url": url})
    assert (await listed(api))[0]["facts"]["link"] is None


async def test_only_senders_and_more_may_bring_alerts(api: Api) -> None:
    for path in (
        "/api/v2/alerts",
        "/webhook/alertmanager",
        "/webhook/grafana",
        "/webhook/generic",
    ):
        assert is_problem(await api.post(path, who=None, json=[]), 401)
        assert is_problem(await api.post(path, who="viewer", json=[]), 403)


async def test_what_came_and_went_at_once_did_both(api: Api) -> None:
    await send(api, "/webhook/generic", [{"title": "x"}, {"title": "x", "status": "resolved"}])
    story = (await api.get("/api/v1/ops/alerts/1")).json()
    assert [one["event"] for one in story["history"]] == ["opened", "resolved"]


async def test_what_cannot_be_saved_is_not_answered_with_200(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(type(api.store), "write", full)
        answer = await api.post("/webhook/generic", who="sender", json={"title": "x"})
    assert is_problem(answer, 500)
    await send(api, "/webhook/generic", {"title": "x"})  # and the next one is taken


async def test_an_alert_of_a_sender_can_be_silenced_by_its_kind(api: Api) -> None:
    await send(api, "/webhook/generic", {"title": "Backup failed"})
    made = await api.post("/api/v1/ops/alerts/1/silence", json={"for": "1h"})
    assert made.json()["silence"]["check"] == "external_generic"


async def test_labels_that_people_look_for_come_first(api: Api) -> None:
    labels = {"alpha": "1", "zeta": "2", "instance": "web-1", "job": "node"}
    await send(api, "/webhook/generic", {"title": "x", "labels": labels})
    shown = (await listed(api))[0]["facts"]["labels"]
    assert [name for name, _ in shown] == ["instance", "job", "alpha", "zeta"]


async def test_a_senders_mistakes_do_not_fill_the_log(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        await api.post("/webhook/generic", who="sender", json={"text": "no title"})
    assert [one.message for one in caplog.records] == ["incoming alerts are invalid"]
