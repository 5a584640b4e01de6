"""Undo of an archive; the whole way is in the test of the archive."""

from bot.core.runbook import Refused
from bot.remediations.remediate_archive_undo import remediation
from tests.remediations.fakes import JOB, tools


async def test_without_an_archive_there_is_nothing_to_undo() -> None:
    found = await remediation().preflight(tools(), JOB)
    assert isinstance(found, Refused)
    assert found.why.key == "nothing_to_undo"


def test_nothing_but_the_undo_button_starts_it() -> None:
    assert remediation().direct is False
    assert remediation().command is None
