"""A card's facts out of labels and annotations. Pure."""

from collections.abc import Mapping
from datetime import datetime

from bot.core.model import Json, Reading, Severity, Status
from bot.web.incoming.texts import LONG, SHORT, clean, link, listed

SAID = ("summary", "description", "message", "runbook_url", "runbook", "__dashboardUid__")
KNOWN = ("alertname", "severity")


def facts_of(  # noqa: PLR0913  # all that a card shows
    *,
    name: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    started_at: datetime | None,
    link_to: str | None = None,
    values: str = "",
) -> dict[str, Json]:
    """What is shown; all of it is text of strangers, cleaned and cut."""
    shown, more = listed(labels, KNOWN)
    notes, more_notes = listed(annotations, SAID)
    runbook = annotations.get("runbook_url") or annotations.get("runbook") or ""
    return {
        "name": clean(name, SHORT),
        "summary": clean(
            annotations.get("summary") or annotations.get("message") or "", 2 * SHORT
        ),
        "description": clean(annotations.get("description", ""), LONG),
        "labels": shown,
        "labels_more": more,
        "notes": notes,
        "notes_more": more_notes,
        "values": clean(values, 2 * SHORT),
        "link": link(link_to or ""),
        "runbook": link(runbook),
        "started_at": started_at.isoformat() if started_at else None,
    }


def reading(subject: str, severity: Severity, facts: dict[str, Json], *, firing: bool) -> Reading:
    return Reading(
        subject=subject,
        status=Status.FIRING if firing else Status.OK,
        severity=severity,
        facts=facts,
    )
