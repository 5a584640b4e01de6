"""An alert and a run as rows of SoVAni's tables."""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.core.model import Alert, Json, State
from bot.core.records import Run, RunState
from bot.edges.cards import Cards
from bot.edges.mirror.look import Over, Shown
from bot.edges.shop.history import ALERTS, RUNS, Entry, stamp
from bot.edges.templates import plain

OVER: Final = {
    RunState.SUCCEEDED: "success",
    RunState.NOT_VERIFIED: "failure",
    RunState.FAILED: "failure",
    RunState.INTERRUPTED: "failure",
    RunState.CANCELLED: "failure",
}
# SoVAni's web API writes down itself what it has done for us, at that time.
BY_THE_SHOP: Final = {RunState.SUCCEEDED, RunState.NOT_VERIFIED, RunState.FAILED}
OURS: Final = "[SoVAni Ops, run "
LONGEST_NAME: Final = 64  # characters of `source`, `fingerprint` and `action_name`
LONGEST_DETAILS: Final = 2000
LONGEST_FACTS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    cards: Cards
    redact: Callable[[str], str]

    def of_alert(self, shown: Shown) -> Entry:
        alert = shown.alert
        return Entry(
            table=ALERTS,
            at=shown.first_at,
            mark=json.dumps(_mark(alert))[1:-1],
            values={
                "source": _clean(self.redact(alert.check))[:LONGEST_NAME],
                "fingerprint": _fingerprint(_clean(self.redact(alert.fingerprint))),
                "severity": alert.severity.value,
                "message": self._line(lambda: self.cards.alert_line(alert), alert.fingerprint),
                "extras_json": self._extras(alert),
                "sent_to_chat_ids": json.dumps([*shown.chats]),
            },
        )

    def of_run(self, over: Over) -> Entry | None:
        """None: nothing was done."""
        run = over.run
        if run.state not in OVER or run.started_at is None:
            return None
        mark = f"{OURS}{run.id}]"
        alert = over.about.alert if over.about is not None else None
        details = self._line(lambda: self.cards.run_line(run, alert), run.state.value)
        return Entry(
            table=RUNS,
            at=run.started_at,
            until=_until(run, run.started_at),
            mark=mark,
            ours=OURS,
            values={
                "action_name": run.action[:LONGEST_NAME],
                "status": OVER[run.state],
                "details": f"{details} {mark}",
                "retry_count": over.earlier,
            },
            about=self.of_alert(over.about) if over.about is not None else None,
        )

    def _line(self, html: Callable[[], str], otherwise: str) -> str:
        """One line of plain text; a check or an action that a release has lost has no words."""
        try:
            text = plain(html())
        except Exception:  # noqa: BLE001  # whatever it is: a row without it is better than none
            text = otherwise
        return _clean(self.redact(text))[:LONGEST_DETAILS]

    def _extras(self, alert: Alert) -> str:
        times = {
            "opened_at": alert.opened_at,
            "acknowledged_at": alert.acknowledged_at,
            "resolved_at": alert.resolved_at if alert.state is State.RESOLVED else None,
        }
        extras: dict[str, Any] = {
            **_mark(alert),
            "state": alert.state.value,
            "subject": self._safe(alert.subject),
            "times": alert.times,
            "acknowledged_by": self._safe(alert.acknowledged_by),
            **{name: at and stamp(at) for name, at in times.items()},
        }
        extras = {name: value for name, value in extras.items() if value is not None}
        facts = self._safe(alert.facts)
        whole = json.dumps({**extras, "facts": facts}, ensure_ascii=False)
        if len(whole) <= LONGEST_FACTS:
            return whole
        return json.dumps(extras, ensure_ascii=False)

    def _safe(self, value: Json) -> Json:
        """Without secrets, and without what a database would not take as JSON."""
        if isinstance(value, str):
            return self.redact(value).replace("\0", "").encode(errors="replace").decode()
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, Mapping):
            return {str(self._safe(name)): self._safe(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._safe(one) for one in value]
        return value


def _mark(alert: Alert) -> dict[str, str]:
    return {"sovani_ops": f"alert {alert.id}"}


def _fingerprint(text: str) -> str:
    """As it is where it fits, else its beginning and a digest of all of it."""
    if len(text) <= LONGEST_NAME:
        return text
    return f"{text[:47]}~{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _until(run: Run, started: datetime) -> datetime | None:
    if run.state not in BY_THE_SHOP or run.finished_at is None or run.finished_at < started:
        return None
    return run.finished_at


def _clean(text: str) -> str:
    words = "".join(one if one.isprintable() else " " for one in text).split()
    return " ".join(words)
