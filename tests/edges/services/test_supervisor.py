import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from bot.core.model import Source, Unreadable
from bot.core.runbook import ActionFailed
from bot.core.tools import Service, ServiceState
from bot.edges.redact import Redactor
from bot.edges.services import open_services
from bot.edges.services.common import Looking, Patience, ServiceManager
from tests.edges.raw_server import Talk, http, raw_server

UNITS = {Service.BOT: "steady", Service.WEB: "dies-later", Service.SCHEDULER: "dies-at-once"}
PASSWORD = "sup3rvisor-pw"

CONFIG = f"""
[unix_http_server]
file=%(here)s/s.sock
username=ops
password={PASSWORD}
[supervisord]
logfile=%(here)s/log
pidfile=%(here)s/pid
childlogdir=%(here)s
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:steady]
command=sleep 1000
startsecs=0
[program:bystander]
command=sleep 1000
startsecs=0
[program:written]
command=sleep 1000
startsecs=0
[program:falls]
command=%(here)s/falls
startsecs=0
autorestart=true
[program:talks]
command=%(here)s/talk
startsecs=0
autorestart=false
environment=WB_STATS_TOKEN="planted-wb-token"
[program:loud]
command=%(here)s/loud
startsecs=0
autorestart=false
[program:dies-later]
command=sleep 0.3
startsecs=0
autostart=false
autorestart=false
[program:dies-at-once]
command=false
startsecs=1
startretries=0
autostart=false
"""


TALK = """#!/bin/sh
printf '2026-11-23 09:00:00,001 INFO too old\\n'
printf '2026-11-23 12:00:01,001 INFO second \\033[31mred\\n'
printf '   of the second\\n'
printf 'admin %s\\n' planted-admin-secret >&2
printf '2026-11-23 12:00:00+00:00 Authorization: Bearer abcdefghijkl\\n' >&2
echo done > "$0.done"
"""
# More than is read of a file, in colours; what it says beside that goes back much further.
LOUD = r"""#!/bin/sh
printf '2026-11-23 00:00:01+00:00 ERROR long ago\n' >&2
for hour in 10 11 12; do
    said="2026-11-23 $hour:00:00+00:00 \x1b[32mINFO\x1b[0m \x1b[36mheartbeat\x1b[0m of it"
    seq 5000 | sed "s/.*/$said number &/"
done
echo done > "$0.done"
"""
# It falls twice, then stays; a child of it takes memory of its own.
FALLS = """#!/bin/sh
if [ "$(wc -l < "$0.runs")" -lt 2 ]; then echo run >> "$0.runs"; exit 3; fi
sleep 1000 &
exec sleep 1000
"""


@pytest.fixture(scope="module")
def socket_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Run a real supervisord on a socket file of its own."""
    folder = tmp_path_factory.mktemp("s")
    (folder / "conf").write_text(CONFIG)
    (folder / "talk").write_text(TALK)
    (folder / "talk").chmod(0o755)
    (folder / "loud").write_text(LOUD)
    (folder / "loud").chmod(0o755)
    (folder / "falls").write_text(FALLS)
    (folder / "falls").chmod(0o755)
    (folder / "falls.runs").touch()
    command = [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "-n", "-c"]
    with (folder / "out").open("wb") as out:
        daemon = subprocess.Popen(
            [*command, str(folder / "conf")], stdout=out, stderr=out, cwd=folder
        )
        try:
            _wait_for(folder / "s.sock", daemon)
            _wait_for(folder / "talk.done", daemon)
            _wait_for(folder / "loud.done", daemon)
            yield folder / "s.sock"
        finally:
            # By itself it would end its programs one by one, up to a second each.
            family = psutil.Process(daemon.pid).children(recursive=True)
            daemon.kill()
            daemon.wait(timeout=15)
            for one in family:
                with suppress(psutil.NoSuchProcess):
                    one.kill()


def _wait_for(path: Path, daemon: subprocess.Popen[bytes]) -> None:
    until = monotonic() + 20
    while not path.exists():
        assert daemon.poll() is None, path.with_name("out").read_text()
        assert monotonic() < until
        sleep(0.02)


@pytest.fixture
def socket_url(socket_file: Path) -> str:
    return f"unix://ops:{PASSWORD}@{socket_file}"


@pytest.fixture
async def services(socket_url: str) -> AsyncIterator[ServiceManager]:
    manager = open_services("supervisor", UNITS, socket_url, patience=Patience(settle=0))
    yield manager
    await manager.aclose()


async def seen(services: ServiceManager, service: Service) -> ServiceState:
    """Wait out the start of supervisord itself, then look."""
    async with asyncio.timeout(10):
        state = await services.state(service)
        while state is None or state.detail == "STARTING":
            state = await services.state(service)
    return state


async def test_a_running_service_is_seen_with_its_run(services: ServiceManager) -> None:
    state = await seen(services, Service.BOT)
    assert (state.unit, state.running, state.detail) == ("steady", True, "RUNNING")
    assert state.since is not None
    assert state.since.tzinfo is not None


async def test_its_memory_is_that_of_all_its_processes(services: ServiceManager) -> None:
    state = await seen(services, Service.BOT)
    pid = int(state.run_id.split("@")[0])
    assert state.memory_bytes is not None
    assert state.memory_bytes == pytest.approx(psutil.Process(pid).memory_info().rss, rel=0.5)
    assert state.restarts == 0


async def test_what_supervisord_started_again_is_counted_and_what_people_did_is_not(
    socket_url: str,
) -> None:
    fallen = open_services(
        "supervisor", {Service.BOT: "falls"}, socket_url, patience=Patience(settle=0)
    )
    async with asyncio.timeout(20):
        state = await seen(fallen, Service.BOT)
        while state.restarts != 2 or not state.running:
            state = await seen(fallen, Service.BOT)
    pid = int(state.run_id.split("@")[0])
    alone = psutil.Process(pid).memory_info().rss
    assert state.memory_bytes is not None
    assert state.memory_bytes > alone  # with its child
    assert (await fallen.restart(Service.BOT)).restarts == 0
    await fallen.aclose()


async def test_a_restart_gives_another_process_and_leaves_the_others_alone(
    services: ServiceManager, socket_url: str
) -> None:
    others = open_services("supervisor", {Service.BOT: "bystander"}, socket_url)
    before, beside = await seen(services, Service.BOT), await seen(others, Service.BOT)
    after = await services.restart(Service.BOT)
    assert after.running
    assert after.run_id != before.run_id
    assert (await seen(others, Service.BOT)).run_id == beside.run_id
    pid = int(before.run_id.split("@")[0])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    await others.aclose()


async def test_a_stopped_service_is_started(services: ServiceManager) -> None:
    assert (await seen(services, Service.WEB)).running is False
    assert (await services.restart(Service.WEB)).running is True


async def test_a_service_that_dies_after_the_start_is_no_success(socket_url: str) -> None:
    async def until_dead(_seconds: float) -> None:
        async with asyncio.timeout(10):
            while (await seen(mortal, Service.WEB)).detail != "EXITED":
                pass

    mortal = open_services("supervisor", UNITS, socket_url, patience=Patience(sleep=until_dead))
    with pytest.raises(ActionFailed) as caught:
        await mortal.restart(Service.WEB)
    await mortal.aclose()
    assert caught.value.why.key == "service_did_not_stay"
    assert caught.value.why.values == {"unit": "dies-later", "detail": "EXITED"}


async def test_a_service_that_cannot_start_says_so(services: ServiceManager) -> None:
    with pytest.raises(ActionFailed) as caught:
        await services.restart(Service.SCHEDULER)
    assert caught.value.why.key == "service_restart_failed"
    assert "dies-at-once" in str(caught.value.why.values["said"])


async def test_an_unknown_service_is_named(socket_url: str) -> None:
    services = open_services("supervisor", {Service.WEB: "nobody"}, socket_url)
    with pytest.raises(Unreadable) as unreadable:
        await services.state(Service.WEB)
    with pytest.raises(ActionFailed) as failed:
        await services.restart(Service.WEB)
    await services.aclose()
    assert unreadable.value.source is Source.SERVICE_MANAGER
    assert unreadable.value.why.key == failed.value.why.key == "service_not_found"


async def test_a_wrong_password_is_denied_and_shown_nowhere(socket_url: str) -> None:
    wrong = socket_url.replace(PASSWORD, "guess-work")
    services = open_services("supervisor", UNITS, wrong)
    with pytest.raises(ActionFailed) as caught:
        await services.restart(Service.BOT)
    await services.aclose()
    assert caught.value.why.key == "service_denied"
    assert "guess-work" not in repr(caught.value)


async def test_a_supervisor_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    services = open_services("supervisor", UNITS, f"unix://{tmp_path}/none.sock")
    with pytest.raises(Unreadable) as caught:
        await services.state(Service.BOT)
    await services.aclose()
    assert (caught.value.source, caught.value.why.key) == (
        Source.SERVICE_MANAGER,
        "http_refused",
    )


async def _hangs(writer: asyncio.StreamWriter) -> None:
    await writer.drain()
    await asyncio.Event().wait()


RUNNING = """<?xml version="1.0"?><methodResponse><params><param><value><struct>
<member><name>statename</name><value>RUNNING</value></member>
<member><name>pid</name><value><int>7</int></value></member>
<member><name>start</name><value><int>1700000000</int></value></member>
</struct></value></param></params></methodResponse>"""


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (http("<html>"), "service_manager_unclear"),
        (http("hello"), "service_manager_unclear"),
        (http(b"\xff"), "service_manager_unclear"),
        (http(RUNNING.replace("pid", "dip")), "service_manager_unclear"),
        (http(RUNNING.replace("<int>17", "<int>99999999999917")), "service_manager_unclear"),
        (http(RUNNING.replace("<int>1700000000</int>", "soon")), "service_manager_unclear"),
        (http("", status=502), "http_status"),
        (http(b" " * 300_000), "http_too_large"),
    ],
)
async def test_a_strange_answer_is_unreadable(answer: Talk | bytes, key: str) -> None:
    async with raw_server(answer) as server:
        services = open_services("supervisor", UNITS, server.url)
        with pytest.raises(Unreadable) as caught:
            await services.state(Service.BOT)
        await services.aclose()
    assert caught.value.why.key == key


async def test_a_supervisor_that_says_nothing_is_unreadable_in_time() -> None:
    async with raw_server(_hangs) as server:
        services = open_services("supervisor", UNITS, server.url, patience=Patience(answer=0.2))
        with pytest.raises(Unreadable) as caught:
            await services.state(Service.BOT)
        await services.aclose()
    assert caught.value.why.key == "http_timeout"


@pytest.mark.parametrize("tail", ["", "/", "/RPC2", "/RPC2/"])
async def test_the_address_may_name_the_endpoint_or_not(tail: str) -> None:
    async with raw_server(http(RUNNING)) as server:
        services = open_services("supervisor", UNITS, server.url + tail)
        assert (await seen(services, Service.BOT)).running
        await services.aclose()
    assert server.requests[0].startswith("POST /RPC2 HTTP/1.1\r\n")


async def test_a_stop_that_does_not_end_may_still_be_going_on() -> None:
    async with raw_server(http(RUNNING), _hangs) as server:
        services = open_services("supervisor", UNITS, server.url, patience=Patience(finish=0.2))
        with pytest.raises(ActionFailed) as caught:
            await services.restart(Service.BOT)
        await services.aclose()
    assert caught.value.why.key == "service_restart_timeout"
    assert len(server.requests) == 2  # nothing was started meanwhile


def reading(socket_url: str) -> ServiceManager:
    redact = Redactor(["planted-admin-secret"]).of_others
    units = {Service.BOT: "talks", Service.WEB: "bystander", Service.SCHEDULER: "nobody"}
    return open_services("supervisor", units, socket_url, looking=Looking(redact=redact))


async def test_its_log_files_are_read_cleaned_and_since_a_time(
    socket_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    services = reading(socket_url)
    since = datetime(2026, 11, 23, 12, tzinfo=UTC)
    async with asyncio.timeout(10):
        found = await services.lines(Service.BOT, since, most=100)
        while len(found.lines) < 4:  # supervisord takes them out of the pipe when it comes to it
            found = await services.lines(Service.BOT, since, most=100)
    assert [one.text for one in found.lines] == [
        "2026-11-23 12:00:01,001 INFO second red",
        "   of the second",
        "admin «hidden»",
        "2026-11-23 12:00:00+00:00 Authorization: Bearer «hidden»",
    ]
    assert [one.at.second if one.at else None for one in found.lines] == [1, 1, None, 0]
    assert not found.cut
    few = await services.lines(Service.BOT, since, most=2)
    assert (len(few.lines), few.cut) == (2, True)
    assert (await services.lines(Service.WEB, since, most=9)).lines == []
    with pytest.raises(Unreadable) as caught:
        await services.lines(Service.SCHEDULER, since, most=9)
    await services.aclose()
    assert caught.value.why.key == "service_not_found"


async def test_a_log_file_that_is_longer_than_is_read_says_since_when_it_is_whole(
    socket_url: str,
) -> None:
    redact = Redactor([]).of_others
    units = {Service.BOT: "loud", Service.WEB: "talks", Service.SCHEDULER: "bystander"}
    services = open_services("supervisor", units, socket_url, looking=Looking(redact=redact))
    begin = datetime(2026, 11, 23, tzinfo=UTC)
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    async with asyncio.timeout(10):
        found = await services.lines(Service.BOT, begin, most=100_000)
        while "number 5000" not in found.lines[-1].text or found.lines[-1].at != noon:
            found = await services.lines(Service.BOT, begin, most=100_000)
    lately = await services.lines(Service.BOT, noon, most=100_000)
    few = await services.lines(Service.BOT, noon, most=10)
    await services.aclose()
    assert found.lines[0].text.endswith("ERROR long ago")
    assert found.cut
    assert found.whole_from is not None
    assert found.whole_from.hour in {10, 11}
    assert (len(lately.lines), lately.cut, lately.whole_from) == (5000, False, None)
    assert (len(few.lines), few.cut, few.whole_from) == (10, True, noon)


LINE = "2026-11-23 12:00:00+00:00 ERROR заказ не загружен, строка {}\n"
LINES = [LINE.format(n).encode() for n in range(20_000)]


@pytest.mark.parametrize("strange", ["half a letter", "no text", "another code"])
async def test_a_log_with_what_is_no_text_is_read(
    socket_url: str, socket_file: Path, strange: str
) -> None:
    """It answers HTTP 500 where one byte of a piece is no UTF-8."""
    (file,) = socket_file.parent.glob("written-stdout---*.log")
    log = [*LINES]
    if strange == "half a letter":
        whole = b"".join(log)
        more = next(n for n in range(99) if whole[n - 1_000_000] in range(128, 192))
        log[-2] = log[-2].rstrip() + b"x" * more + b"\n"
    if strange == "no text":
        log[-7000:-7000] = [b"\xff\xfe\x00\x01 \x1b[31m\x80 " + bytes(range(128, 256)) + b"\n"]
        log[-3:-3] = [b"\x80 ERROR not quite lost, said nobody at this place, and so it went on\n"]
    if strange == "another code":
        log = [line.decode().encode("cp1251") for line in log]
    file.write_bytes(b"".join(log))
    units = {Service.BOT: "written", Service.WEB: "talks", Service.SCHEDULER: "bystander"}
    services = open_services("supervisor", units, socket_url, looking=Looking(redact=str))
    async with asyncio.timeout(10):
        found = await services.lines(Service.BOT, datetime(2026, 11, 23, tzinfo=UTC), most=100_000)
    await services.aclose()
    file.write_bytes(b"")
    texts = [one.text for one in found.lines]
    assert found.cut
    if strange != "another code":
        assert texts[-1] == LINES[-1].decode().rstrip()
        known = {line.decode().rstrip() for line in LINES}
        assert len(known.intersection(texts)) > 10_000
        assert len(set(texts) - known) < 8
    else:
        assert len(texts) < 30


async def test_its_configuration_is_shown_without_secrets(socket_url: str) -> None:
    services = reading(socket_url)
    known = await services.config(Service.BOT)
    with pytest.raises(Unreadable):
        await services.config(Service.SCHEDULER)
    await services.aclose()
    (file,) = known.files
    assert "autostart=True" in file.text
    assert "talk" in file.text
    assert "planted" not in file.text


async def test_a_log_is_read_beside_the_event_loop(socket_url: str) -> None:
    where: set[int] = set()

    def redact(text: str) -> str:
        where.add(threading.get_ident())
        return text

    units = {Service.BOT: "loud", Service.WEB: "talks", Service.SCHEDULER: "bystander"}
    services = open_services("supervisor", units, socket_url, looking=Looking(redact=redact))
    async with asyncio.timeout(10):
        while not (
            await services.lines(Service.BOT, datetime.min.replace(tzinfo=UTC), most=9)
        ).lines:
            pass
    await services.aclose()
    assert where
    assert threading.get_ident() not in where
