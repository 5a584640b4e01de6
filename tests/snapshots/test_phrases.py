"""Every sentence of templates/phrases with values as wide as there are, and with ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from jinja2 import UndefinedError, meta, nodes

from bot.core.model import Json, Phrase
from bot.edges.templates import FOLDER, plain
from tests import wide
from tests.paper import Noted, fits, held, nothing_else
from tests.snapshots.stage import LONG_NAME

KEPT = Path(__file__).with_name("phrases")
FILES = sorted(one.name.removesuffix(".html.j2") for one in (FOLDER / "phrases").glob("*.j2"))
MANY = 123_456
SOME: Final = ["first <thing>", "the second & last"]
DAY = "2026-11-22"
NOW = "2026-11-22T09:15:00+00:00"
NUMBERS = [
    "admins",
    "alert",
    "before_p95_ms",
    "bound_ms",
    "requests",
    "chat_id",
    "count",
    "days",
    "failed",
    "found",
    "from_port",
    "high",
    "id",
    "in_file",
    "in_table",
    "kept",
    "known",
    "last_day",
    "least_pct",
    "limit",
    "left",
    "low",
    "main_pid",
    "managers",
    "minutes",
    "ms",
    "most",
    "moved",
    "number",
    "ok",
    "others",
    "p95_ms",
    "passed",
    "pct",
    "pid",
    "port",
    "rate_pct",
    "rounds",
    "rows",
    "run",
    "seconds",
    "series",
    "share_pct",
    "skipped",
    "status",
    "strangers",
    "threshold_ms",
    "times",
    "topic",
    "total",
    "total_checks",
    "user_id",
    "viewers",
    "waiting",
    "wanted",
    "warning",
    "window_sec",
    "value",
    "refused",
    "taken",
]
LISTS = [
    "allowed",
    "broken",
    "checks",
    "columns",
    "ids",
    "jobs",
    "missing",
    "names",
    "near",
    "parts",
    "problems",
    "services",
    "settings",
    "tables",
    "units",
    "words",
    "writers",
    "endpoints",
    "talking",
]
MOMENTS = ("ago", "now", "since", "until", "at", "due", "start", "seen")
DAYS = ("day", "date", "first", "last")
VALUES: dict[str, Json] = {
    **dict.fromkeys(LISTS, SOME),
    **dict.fromkeys(DAYS, DAY),
    **dict.fromkeys(MOMENTS, NOW),
    "why": {"key": "round_failed", "values": {"error": "ValueError"}},
    "by": LONG_NAME,
    "path": "/var/lib/sovani/a-folder-with-a-long-name/sovani_bot.db",
}
LACKS: Mapping[str, Json] = {
    "missing": [
        {"name": "daily_sales", "columns": ["d", "sku_id"]},
        {"name": "sku", "columns": []},
    ],
    "broken": [{"name": "vw_cashflow_daily", "detail": "no such column: net"}],
}
# Names that mean another kind of thing in one sentence.
OWN: dict[str, Mapping[str, Json]] = {
    **{key: {"known": SOME} for key in ("job_unknown", "check_not_known", "schedule_unknown")},
    **{key: {"ago": 3600} for key in ("doctor_webhook_works", "doctor_webhook_fails")},
    **dict.fromkeys(("shop_missing", "mirror_lacks"), LACKS),
    "check_not_known": {"strangers": SOME, "names": SOME},
    "latency_few_requests": {"needed": 20},
    "cash_reserve_few_days": {"needed": 7},
}


def value(name: str, number: int) -> Json:
    if name.endswith("_bytes") or name == "bytes":
        return 987_654_321_012 if number > 1 else 1_000_000
    if name in NUMBERS:
        return number
    return VALUES.get(name, f"<{name}> & {wide.MARKET}")


def blocks(templates: Noted, file: str) -> dict[str, set[str]]:
    """The sentences of a file, and the names of the values that each takes."""
    source = (FOLDER / "phrases" / f"{file}.html.j2").read_text("utf-8")
    found = {}
    for block in templates._env.parse(source).find_all(nodes.Block):  # noqa: SLF001  # its sentences
        body = nodes.Template(block.body)
        body.set_environment(templates._env)  # noqa: SLF001  # likewise
        found[block.name] = meta.find_undeclared_variables(body)
    return found


@pytest.mark.parametrize("file", FILES)
def test_every_sentence_reads_as_it_should(file: str, templates: Noted) -> None:
    lines, wrong, said = [], [], ""
    for key, names in blocks(templates, file).items():
        for number in (1, MANY):
            values = {name: value(name, number) for name in names} | dict(OWN.get(key, {}))
            try:
                said = templates.say(Phrase(key, values))
                if any(mark in plain(said) for mark in ("['", "{'")):  # it takes them written
                    values |= dict.fromkeys(names & {*LISTS, "why"}, "first, second")
                    said = templates.say(Phrase(key, values))
                fits(f"{said}.")
            except (
                AssertionError,
                TypeError,
                ValueError,
                AttributeError,
                UndefinedError,
            ) as error:
                wrong.append(f"{key} with {number}: {error!r}"[:300])
        lines.append(f"== {key}\n{said}\n")
    assert not wrong, "\n".join(wrong)
    held(KEPT / f"{file}.html", "\n".join(lines))


def test_nothing_is_kept_of_what_is_gone() -> None:
    nothing_else(KEPT, FILES)
