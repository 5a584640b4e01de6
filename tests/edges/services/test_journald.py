"""Logs from a real journald, read as an account that may and as one that may not."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.machine import LogLine
from bot.core.model import Unreadable
from bot.edges.redact import Redactor
from bot.edges.services.journald import Journal, parsed
from tests.edges.services.container import Container

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SECRET = "planted-admin-secret"
UNIT = """[Service]
Type=oneshot
ExecStart=/bin/sh /etc/talks.sh
"""
SCRIPT = f"""
printf 'first\\n'
printf '\\033[31mred\\033[0m and \\007bell\\n'
printf 'not \\377 utf-8\\n'
printf 'admin {SECRET}, WB_STATS_TOKEN=abc, Api-Key: 0a1b2c\\n'
printf '<3>it broke\\n'
head -c 6000 /dev/zero | tr '\\0' x; echo
"""
redact = Redactor([SECRET]).of_others


def journal(container: Container, user: str = "root", group: str | None = None) -> Journal:
    command = [*container.inside(user, group=group), "journalctl"]
    return Journal(redact=redact, command=command)


@pytest.fixture(scope="module")
def talks(container: Container) -> str:
    container.write("/etc/systemd/system/talks.service", UNIT)
    container.write("/etc/talks.sh", SCRIPT)
    container.run("systemctl", "daemon-reload")
    assert container.run("systemctl", "start", "talks").returncode == 0
    container.run("journalctl", "--sync")
    return "talks.service"


async def lines(of: Journal, unit: str, most: int = 100) -> list[LogLine]:
    found = await of.lines(unit, LONG_AGO, most=most)
    return list(found.lines)


def texts(found: Sequence[LogLine]) -> list[str]:
    return [one.text for one in found]


async def test_lines_come_cleaned_in_order_and_without_secrets(
    container: Container, talks: str
) -> None:
    found = await lines(journal(container), talks)
    said = [one for one in found if "talks.service" not in one.text]
    assert texts(said)[:5] == [
        "first",
        "red and bell",
        "not \N{REPLACEMENT CHARACTER} utf-8",
        "admin «hidden», WB_STATS_TOKEN=«hidden», Api-Key: «hidden»",
        "it broke",
    ]
    assert said[4].priority == 3
    assert said[0].pid is not None
    assert said[0].at is not None
    assert said[0].at - LONG_AGO > timedelta(days=365)
    assert texts(said)[5] == "x" * 299 + "…"


async def test_the_group_systemd_journal_is_enough(container: Container, talks: str) -> None:
    member = journal(container, "sovani-ops", "systemd-journal")
    assert texts(await lines(member, talks)) == texts(await lines(journal(container), talks))


async def test_without_the_group_it_says_so_and_not_that_there_is_nothing(
    container: Container, talks: str
) -> None:
    with pytest.raises(Unreadable) as caught:
        await lines(journal(container, "sovani-ops"), talks)
    assert caught.value.why.key == "journal_denied"


async def test_the_newest_lines_are_kept_where_there_are_too_many(
    container: Container, talks: str
) -> None:
    whole = await lines(journal(container), talks)
    few = await journal(container).lines(talks, LONG_AGO, most=3)
    assert few.cut
    assert list(few.lines) == whole[-3:]
    assert few.whole_from == whole[-3].at
    small = Journal(redact=redact, command=journal(container).command, most_bytes=7000)
    cut = await small.lines(talks, LONG_AGO, most=100)
    assert cut.cut
    assert 0 < len(cut.lines) < len(whole)
    assert list(cut.lines) == whole[-len(cut.lines) :]
    assert cut.whole_from == cut.lines[0].at


async def test_a_silent_unit_has_no_lines(container: Container, talks: str) -> None:
    del talks
    assert await lines(journal(container), "nothing-such.service") == []


async def test_what_is_older_is_left_out(container: Container, talks: str) -> None:
    later = datetime(2100, 1, 1, tzinfo=UTC)
    assert (await journal(container).lines(talks, later, most=9)).lines == []


@pytest.mark.parametrize(
    ("script", "key"),
    [
        ("exec sleep 5", "journal_too_slow"),
        ("echo broken >&2; exit 1", "journal_failed"),
        ("echo No journal files were found. >&2", "journal_none"),
        (
            "echo Hint: You are currently not seeing messages from other users >&2",
            "journal_denied",
        ),
    ],
)
async def test_what_goes_wrong_has_a_sentence(script: str, key: str) -> None:
    strange = Journal(redact=redact, command=["/bin/sh", "-c", script, "sh"], seconds=0.3)
    with pytest.raises(Unreadable) as caught:
        await lines(strange, "x.service")
    assert caught.value.why.key == key


async def test_no_journalctl_is_said() -> None:
    with pytest.raises(Unreadable) as caught:
        await lines(Journal(redact=redact, command=["/no/such/journalctl"]), "x.service")
    assert caught.value.why.key == "journal_no_program"


async def test_our_environment_with_its_secrets_is_not_handed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "leaked")
    script = """printf '{"MESSAGE": "%s"}' "$(env | grep -c leaked)" """
    one = Journal(redact=redact, command=["/bin/sh", "-c", script, "sh"])
    assert texts(await lines(one, "x.service")) == ["0"]


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("a\nb", ["a", "b"]),
        (None, ["…"]),
        ([104, 105], ["hi"]),
        (["twice", "told"], ["twice", "told"]),
        ([], [""]),
        (7, ["7"]),
        ("\u202eevil\tx", ["evil    x"]),
    ],
)
def test_strange_messages(message: object, shown: list[str]) -> None:
    entry = json.dumps({"MESSAGE": message, "_PID": ["1", "2"], "PRIORITY": "x"}).encode()
    found = parsed(entry + b'\n{"torn', redact)
    assert texts(found) == shown
    assert (found[0].pid, found[0].priority, found[0].at) == (1, None, None)
