"""Clear cache: one call of the web API, and its words when it refuses."""

import pytest

from bot.core.model import phrase
from bot.core.runbook import ActionFailed
from bot.remediations.remediate_clear_cache import remediation
from tests.remediations.fakes import JOB, FakeWebAdmin, tools


async def test_the_question_touches_nothing() -> None:
    web_admin = FakeWebAdmin({})
    assert await remediation().preflight(tools(web_admin=web_admin), JOB) == {}
    assert web_admin.calls == []


async def test_it_asks_the_web_api_once() -> None:
    web_admin = FakeWebAdmin({"entries": 12})
    facts = await remediation().act(tools(web_admin=web_admin), JOB)
    assert facts == {"entries": 12}
    assert web_admin.calls == [("clear_cache",)]


async def test_a_refusal_of_the_web_api_is_the_outcome() -> None:
    web_admin = FakeWebAdmin(ActionFailed(phrase("refused")))
    with pytest.raises(ActionFailed, match="refused"):
        await remediation().act(tools(web_admin=web_admin), JOB)
