"""Checks that cannot see are a trouble of their own: one alert for each cause. Pure."""

from collections.abc import Collection, Iterable, Sequence

from bot.core.heartbeat import ROUNDS
from bot.core.model import (
    Facts,
    Moment,
    Phrase,
    Reading,
    Severity,
    Source,
    Status,
    fires,
    ok,
    phrase,
    unknown,
)
from bot.core.ports import Store
from bot.core.records import CheckState
from bot.core.runbook import Question, Runbook
from bot.core.tools import Tools
from bot.core.unwatched import nothing

NAME = "check_unknown"


def runbook(store: Store) -> Runbook:
    """The runbook of blind checks. It has no schedule: every round of every check judges it."""

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


def judge(
    states: Iterable[CheckState],
    *,
    rounds: int,
    late: Collection[str] = (),
    unseen: Collection[str] = (),
) -> list[Reading]:
    """One reading for each outside thing, and one for each check that is blind by itself.

    A source that is down blinds several checks at once; people want one card about it, with
    the names of what it blinds. `rounds` is how many times in a row a check may be unknown
    before it counts. Idle unknowns (nothing to measure) never count.
    `late` checks hang: what was last seen of them says nothing. Of one that has not completed a
    round since the start (`unseen`) it is not known whether it still hangs.
    """
    groups: dict[str, list[CheckState]] = {}
    for state in states:
        shared = state.source is not Source.CHECK and state.status is Status.UNKNOWN
        groups.setdefault(str(state.source) if shared else state.name, []).append(state)
    found = {str(source): _sees(source) for source in Source if source is not Source.CHECK}
    found |= {subject: _reading(subject, group, rounds) for subject, group in groups.items()}
    last = {state.name: state for group in groups.values() for state in group}
    for name in unseen:
        if name not in found or found[name].status is Status.OK:
            found[name] = unknown(name, phrase("round_not_yet"))
    for name in late:
        found[name] = _hangs(name, last.get(name))
    return [found[subject] for subject in sorted(found)]


def _sees(subject: str) -> Reading:
    return ok(subject, sees=True)


def _hangs(name: str, last: CheckState | None) -> Reading:
    return fires(
        name,
        Severity.ERROR,
        checks=[name],
        why={"key": "round_overdue", "values": {"rounds": ROUNDS}},
        since=last.round_at.isoformat() if last else None,
    )


def _reading(subject: str, group: Sequence[CheckState], rounds: int) -> Reading:
    blind = [state for state in group if _is_blind(state, rounds)]
    if not blind:
        return _sees(subject)
    worst = max(blind, key=lambda state: state.unknown_rounds)
    why = worst.why or Phrase("unknown_reason")
    return fires(
        subject,
        Severity.ERROR,
        checks=[state.name for state in blind],
        why={"key": why.key, "values": dict(why.values)},
        since=worst.since.isoformat(),
        unseen=_unseen(worst),
    )


def _unseen(state: CheckState) -> list[str]:
    """What it could not see beside what it saw; nothing where it saw nothing.

    A round that could not look at all keeps the readings of the one before.
    """
    unseen = [one for one in state.readings if is_unseen(one)]
    fresh = any(one.why == state.why for one in unseen)
    whole = len(unseen) == len(state.readings)
    return [one.subject for one in unseen] if fresh and not whole else []


def is_unseen(reading: Reading) -> bool:
    """Whether it should be known and is not: nobody is to blame for idleness."""
    return reading.status is Status.UNKNOWN and not reading.idle


def _is_blind(state: CheckState, rounds: int) -> bool:
    return state.unknown_rounds >= rounds
