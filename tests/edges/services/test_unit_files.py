import stat
from pathlib import Path

import pytest

from bot.edges.redact import HIDDEN, Redactor
from bot.edges.services.unit_files import crontab, read_files, shown

redact = Redactor(["planted-admin-secret"]).of_others


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("ExecStart=/opt/app --port 8000", "ExecStart=/opt/app --port 8000"),
        ("ExecStart=/opt/app --api-token=abc", f"ExecStart=/opt/app --api-token={HIDDEN}"),
        ("Environment=APP_TIMEZONE=Europe/Moscow", "Environment=APP_TIMEZONE=Europe/Moscow"),
        ("Environment=MODE=whatever", f"Environment=MODE={HIDDEN}"),
        ("Environment=A=1 B=true C=/srv/x.db", "Environment=A=1 B=true C=/srv/x.db"),
        ('Environment="NAME=two words" X=y', f'Environment="NAME={HIDDEN}" X={HIDDEN}'),
        ("Environment='TOKEN=it\"s' N=5", f"Environment='TOKEN={HIDDEN}' N=5"),
        ("Environment=TOKEN=12345", f"Environment=TOKEN={HIDDEN}"),
        ("Environment = SECRET=1", f"Environment = SECRET={HIDDEN}"),
        ("EnvironmentFile=/opt/sovani/.env", "EnvironmentFile=/opt/sovani/.env"),
        ("# planted-admin-secret", f"# {HIDDEN}"),
        ("0 4 * * * curl -H 'Api-Key: 0a1b2c'", f"0 4 * * * curl -H 'Api-Key: {HIDDEN}'"),
    ],
)
def test_secrets_are_masked(line: str, seen: str) -> None:
    assert shown("x", line, redact).text == seen


def test_a_changed_secret_changes_the_mark_and_not_the_text() -> None:
    before, after = (shown("x", f"Environment=TOKEN={one}", redact) for one in ("abc", "abd"))
    assert before.text == after.text
    assert before.mark != after.mark


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    there = tmp_path / "a.service"
    there.write_text("[Unit]\n")
    files = read_files([str(there), str(tmp_path / "gone"), ""], redact)
    assert [(file.name, file.text) for file in files] == [
        (str(there), "[Unit]"),
        (str(tmp_path / "gone"), ""),
    ]


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ('echo "0 4 * * * backup"', "0 4 * * * backup"),
        ("echo no crontab for sovani >&2; exit 1", None),
        ("echo must be privileged to use -u >&2; exit 1", ""),
    ],
)
async def test_a_crontab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, text: str | None
) -> None:
    program = tmp_path / "crontab"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    files = await crontab(redact, "sovani")
    assert [file.text for file in files] == ([] if text is None else [text])
    assert {file.name for file in files} <= {"crontab -u sovani -l"}


async def test_another_account_s_crontab_is_not_asked_for_without_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "crontab"
    program.write_text("#!/bin/sh\necho 0 4 \\* \\* \\* backup\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    (file,) = await crontab(redact, "sovani")
    assert file.why is not None
    assert dict(file.why.values) == {"user": "sovani"}
    (own,) = await crontab(redact)
    assert (own.text, own.why) == ("0 4 * * * backup", None)


async def test_no_cron_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await crontab(redact) == []
