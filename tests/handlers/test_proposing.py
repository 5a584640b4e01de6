"""Typed commands that propose an action: they ask, and never act."""

import pytest

from bot.core.records import PostKind, Run, RunState
from bot.edges.store import SqlStore
from tests.conftest import TEAM
from tests.handlers.alerts import recorded
from tests.handlers.telegram import ANN, BORIS, SAM, VERA, Phone, buttons, texts, user

FORWARDED = {"type": "user", "sender_user": user(BORIS), "date": 1}
OUTSIDE = -100999


async def runs(store: SqlStore) -> list[Run]:
    return list(await store.read(lambda tx: tx.runs.in_state(*RunState)))


async def test_it_asks_by_the_run_s_own_message(phone: Phone, store: SqlStore) -> None:
    topic = {"message_thread_id": 17, "is_topic_message": True}
    assert await phone.say(BORIS, "/restart web", TEAM.chat, fields=topic) == []
    [run] = await runs(store)
    assert (run.action, run.state, run.asked_by) == (
        "remediate_restart_web",
        RunState.ASKED,
        BORIS,
    )
    [post] = await store.read(lambda tx: tx.posts.of_run(run.id))
    assert (post.kind, post.chat_id, post.topic_id) == (PostKind.RUN, TEAM.chat, 17)
    (said,) = texts(await phone.say(ANN, "/restart web"))
    assert said == "Restart web API is already under way, asked for by Boris."


@pytest.mark.parametrize(
    ("who", "chat", "fields", "verdict"),
    [
        pytest.param(SAM, SAM, {}, "stranger", id="stranger"),
        pytest.param(VERA, TEAM.chat, {}, "role_too_low", id="viewer"),
        pytest.param(BORIS, OUTSIDE, {}, "unknown_chat", id="unknown chat"),
        pytest.param(BORIS, BORIS, {"forward_origin": FORWARDED}, "command_forwarded", id="fwd"),
    ],
)
async def test_what_may_not_be_proposed_is_not(  # noqa: PLR0913, PLR0917  # a table
    phone: Phone, store: SqlStore, who: int, chat: int, fields: dict[str, object], verdict: str
) -> None:
    await phone.say(who, "/restart web", chat, fields=fields)
    assert await runs(store) == []
    assert await recorded(store, verdict) == 1


async def test_a_manager_is_told_what_needs_an_admin(phone: Phone, store: SqlStore) -> None:
    (said,) = texts(await phone.say(BORIS, "/restart assistant"))
    assert said == "Your role is manager; this needs an admin."
    assert await runs(store) == []


@pytest.mark.parametrize("text", ["/restart", "/restart everything", "/restart web bot"])
async def test_wrong_words_are_answered_with_the_usage(
    phone: Phone, store: SqlStore, text: str
) -> None:
    (said,) = texts(await phone.say(BORIS, text))
    assert "/restart &lt;service&gt;" in said
    assert await runs(store) == []


async def test_the_list_of_actions_has_buttons_that_ask(phone: Phone, store: SqlStore) -> None:
    [page] = await phone.say(BORIS, "/actions", TEAM.chat)
    tokens = buttons(page)
    assert "Clear cache" in tokens
    assert "Restart assistant" not in tokens  # it needs an admin
    number = phone.session.last_id
    refused = await phone.tap(VERA, TEAM.chat, number, tokens["Clear cache"])
    assert texts(refused) == ["Your role is viewer; this needs a manager."]
    said = await phone.tap(BORIS, TEAM.chat, number, tokens["Clear cache"])
    assert texts(said) == ["Clear cache: looking whether it can run. Confirm below."]
    [run] = await runs(store)
    assert run.state is RunState.ASKED
