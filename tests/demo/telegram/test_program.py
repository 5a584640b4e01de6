"""`python -m demo.telegram` as a process, and the emulator's files and control over HTTP."""

import asyncio
import json
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

from demo.telegram import ANN, SAM, SHOP_TEAM, ControlClient, ControlError, Emulator, NothingCame


async def start(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "demo.telegram", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_it_prints_where_it_listens_and_ends_on_a_signal(tmp_path: Path) -> None:
    world = tmp_path / "world.json"
    rooms = [{"id": -7, "title": "Seven", "type": "group", "members": [5]}]
    world.write_text(json.dumps({"people": [{"id": 5, "first_name": "Zoe"}], "rooms": rooms}))
    process = await start("--token", "77:secret", "--world", str(world), "--bot-username", "b_bot")
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode().strip()
    url = line.removeprefix("listening on ")
    assert url.startswith("http://127.0.0.1:")
    async with aiohttp.ClientSession(url) as session, session.get("/bot77:secret/getMe") as answer:
        me = (await answer.json())["result"]
    assert (me["id"], me["username"]) == (77, "b_bot")
    async with ControlClient(url) as phone:
        assert [chat["title"] for chat in await phone.chats(user=5)] == ["Zoe", "Seven"]
    process.send_signal(signal.SIGTERM)
    output, errors = await process.communicate()
    assert (process.returncode, output, errors) == (0, b"", b"")


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "JSONDecodeError"), ('{"people": [{"id": 1}]}', "first_name"), ("[]", "TypeError")],
)
async def test_a_wrong_world_is_one_line(tmp_path: Path, content: str, words: str) -> None:
    world = tmp_path / "world.json"
    world.write_text(content)
    process = await start("--world", str(world))
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert errors.count(b"\n") == 1
    assert words in errors.decode()


async def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = await start("--port", str(taken.getsockname()[1]))
        _, errors = await process.communicate()
    assert process.returncode == 1
    assert b"ddress already in use" in errors
    assert errors.count(b"\n") == 1


async def test_mistakes_of_the_caller_are_told_in_words(phone: ControlClient) -> None:
    mistakes = {
        "nobody has the id 5": ("say", {"user": 5, "text": "x"}),
        "not a member": ("say", {"user": SAM, "text": "x", "chat": -1001000000001}),
        "there is no chat": ("say", {"user": ANN, "text": "x", "chat": 3}),
        "user must be int": ("say", {"user": "Ann", "text": "x"}),
        "nonsense is not known": ("say", {"user": ANN, "text": "x", "nonsense": 1}),
        "missing 1 required": ("say", {"user": ANN}),
        "sent_as must be": ("say", {"user": ANN, "text": "x", "sent_as": "king"}),
        "there is no message": ("tap", {"user": ANN, "message_id": 9, "text": "x"}),
        "kind must be one of": ("faults", {"kind": "earthquake"}),
        "status must be one of": ("bot", {"chat": ANN, "user": ANN, "status": "sad"}),
        "on must be": ("outage", {"on": "yes"}),
    }
    for words, (path, body) in mistakes.items():
        with pytest.raises(ControlError) as caught:
            await phone.call("POST", path, body)
        assert words in str(caught.value)


async def test_a_stranger_may_act_by_force(phone: ControlClient) -> None:
    assert (await phone.say(SAM, "x", -1001000000001, force=True))["update_id"]


async def test_a_missing_button_names_those_there_are(phone: ControlClient) -> None:
    said = await phone.say(ANN, "x", SHOP_TEAM)
    message = await phone.wait_for(
        SHOP_TEAM, lambda each: each["message_id"] == said["message_id"]
    )
    with pytest.raises(ControlError, match="no such button; the message has: none"):
        await phone.tap(ANN, message, "Run VACUUM")


async def test_waiting_ends_with_what_was_there(phone: ControlClient) -> None:
    await phone.say(ANN, "something else", SHOP_TEAM)
    with pytest.raises(NothingCame, match="something else"):
        await phone.wait_for(SHOP_TEAM, lambda each: each["text"] == "never", timeout=0.05)


async def test_events_are_kept_in_bounds_and_say_when_some_are_lost(
    emulator: Emulator, phone: ControlClient
) -> None:
    many = [{"user": ANN, "text": f"{number}"} for number in range(5100)]
    await phone.call("POST", "say", many)
    assert len(await phone.messages(ANN)) == 5000
    page = await phone.events(after=0)
    assert page["lost"]
    page = await phone.events(after=emulator.state.journal.last - 1)
    assert not page["lost"]
    assert [event["message"]["text"] for event in page["events"]] == ["5099"]


async def test_only_this_machine_is_served(emulator: Emulator) -> None:
    assert emulator.url.startswith("http://127.0.0.1:")
