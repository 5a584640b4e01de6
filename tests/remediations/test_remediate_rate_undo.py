"""The undo of a rate is reached by its button only; its work is tested with the change itself."""

from bot.core.runbook import Guard, Refused
from bot.remediations.remediate_rate_undo import remediation
from tests.remediations.fakes import JOB, tools


async def test_without_a_change_there_is_nothing_to_take_back() -> None:
    found = await remediation().preflight(tools(), JOB)
    assert isinstance(found, Refused)
    assert found.why.key == "rate_nothing_to_undo"


def test_nothing_but_the_button_starts_it() -> None:
    made = remediation()
    assert (made.direct, made.guard, made.command) == (False, Guard.NONE, None)
