import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.model import Json, phrase
from bot.edges.templates import Templates

REPOSITORY = Path(__file__).parents[2]
EDGES = REPOSITORY / "bot/edges"
SOURCES = [
    *(EDGES / name for name in ("http.py", "webapi.py", "prometheus.py")),
    *(EDGES / "services").glob("*.py"),
]
KEY = re.compile(r'"((?:http|metrics|prometheus|admin|cache|service|journal|crontab)_[a-z_]+)"')
USED = sorted({key for source in SOURCES for key in KEY.findall(source.read_text())})
WHERE = "http://localhost:8000/metrics"
VALUES: dict[str, Json] = {
    "where": WHERE,
    "seconds": 5,
    "limit_bytes": 4_000_000,
    "status": 500,
    "said": "<b>",
    "details": "",
    "manager": "systemd",
    "unit": "sovani-scheduler.service",
    "user": "sovani",
    "detail": "failed (exit-code)",
}
START_LIMIT = (
    "sovani-scheduler.service was restarted too often in a short time, so supervisor stopped "
    "starting it. Mend the cause, then run: systemctl reset-failed sovani-scheduler.service && "
    "systemctl start sovani-scheduler.service"
)


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(zone=ZoneInfo("UTC"), clock=lambda: datetime(2026, 11, 22, tzinfo=UTC))


@pytest.mark.parametrize("key", USED)
def test_every_phrase_of_these_edges_is_one_sentence_or_two(
    templates: Templates, key: str
) -> None:
    text = templates.say(phrase(key, **VALUES))
    assert text[0].isupper() or text.startswith((WHERE, "sovani", "systemd", "journalctl"))
    assert "<" not in text
    assert "may have been done" not in text
    assert "  " not in text


def test_every_written_phrase_is_used() -> None:
    text = (REPOSITORY / "templates/phrases/edges.html.j2").read_text()
    assert sorted(re.findall(r"{% block (\w+) %}", text)) == sorted([*USED, "maybe_done"])


@pytest.mark.parametrize(
    ("key", "values", "text"),
    [
        (
            "http_timeout",
            {"maybe_done": True},
            f"{WHERE} did not finish its answer within 5 s. It may have been done all the same.",
        ),
        ("http_status", {"status": 401}, f"{WHERE} answered with HTTP 401: it asks for a login."),
        ("http_status", {"status": 418}, f"{WHERE} answered with HTTP 418."),
        (
            "http_status",
            {"maybe_done": True, "status": 301},
            f"{WHERE} answered with HTTP 301: it redirects elsewhere, which is not followed.",
        ),
        ("http_too_large", {}, f"{WHERE} sent more than 4.0 MB; reading was stopped."),
        ("admin_token_refused", {}, "ADMIN_TOKEN is not accepted by the web API."),
        (
            "cache_not_cleared",
            {},
            "The web API could not clear its caches: it gave no reason",
        ),
        ("service_start_limit", {"manager": "supervisor"}, START_LIMIT),
    ],
)
def test_what_people_read(
    templates: Templates, key: str, values: dict[str, Json], text: str
) -> None:
    assert templates.say_plain(phrase(key, **{**VALUES, **values})) == text
