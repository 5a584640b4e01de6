"""Checks that cannot see are a trouble of their own: one alert for each cause. Pure."""

from collections.abc import Iterable, Sequence

from bot.core.model import Facts, Moment, Phrase, Reading, Severity, Source, Status, fires, ok
from bot.core.ports import Store
from bot.core.records import CheckState
from bot.core.runbook import Question, Runbook
from bot.core.tools import Tools

NAME = "check_unknown"


def runbook(store: Store) -> Runbook:
    """The runbook of blind checks. It has no schedule: every round of every check judges it."""

    async def nothing(_tools: Tools, _moment: Moment) -> Sequence[Reading]:
        return []

    async def states(_tools: Tools, _moment: Moment) -> Facts:
        found = await store.read(lambda tx: list(tx.checks.all()))
        return {
            "states": [
                {
                    "name": state.name,
                    "status": state.status,
                    "round_at": state.round_at.isoformat(),
                    "why": {"key": state.why.key, "values": state.why.values}
                    if state.why
                    else None,
                }
                for state in found
            ]
        }

    question = Question(
        name="diagnose", label="Diagnose", template="unknown/diagnosis.html.j2", read=states
    )
    return Runbook(
        name=NAME, title="Checks that cannot see", number=0, detect=nothing, diagnose=question
    )


def judge(states: Iterable[CheckState], *, rounds: int) -> list[Reading]:
    """One reading for each outside thing, and one for each check that is blind by itself.

    A source that is down blinds several checks at once; people want one card about it, with
    the names of what it blinds. `rounds` is how many times in a row a check may be unknown
    before it counts. Idle unknowns (nothing to measure) never count.
    """
    groups: dict[str, list[CheckState]] = {}
    for state in states:
        shared = state.source is not Source.CHECK and state.status is Status.UNKNOWN
        groups.setdefault(str(state.source) if shared else state.name, []).append(state)
    return [_reading(subject, group, rounds) for subject, group in sorted(groups.items())]


def _reading(subject: str, group: Sequence[CheckState], rounds: int) -> Reading:
    blind = [state for state in group if _is_blind(state, rounds)]
    if not blind:
        return ok(subject)
    worst = max(blind, key=lambda state: state.unknown_rounds)
    why = worst.why or Phrase("unknown_reason")
    return fires(
        subject,
        Severity.ERROR,
        checks=[state.name for state in blind],
        why={"key": why.key, "values": dict(why.values)},
        since=worst.since.isoformat(),
    )


def _is_blind(state: CheckState, rounds: int) -> bool:
    return state.status is Status.UNKNOWN and not state.idle and state.unknown_rounds >= rounds
