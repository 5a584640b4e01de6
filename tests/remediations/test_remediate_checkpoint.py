"""The work itself is tested beside REINDEX, with which it shares all but the statement."""

from bot.core.runbook import Guard
from bot.remediations.remediate_checkpoint import remediation


def test_it_asks_first_and_is_a_command() -> None:
    made = remediation()
    assert (made.guard, made.command) == (Guard.CONFIRM, "checkpoint")
