"""`token`: the secret once, and the line for the settings."""

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.core import grants
from bot.core.grants import Grant


def test_the_secret_is_shown_once_and_the_line_keeps_only_its_hash() -> None:
    done = CliRunner().invoke(app, ["token", "grafana", "viewer", "--user-id", "42"])
    assert done.exit_code == 0
    secret, line = done.stdout.strip(), done.stderr.strip().splitlines()[-1]
    (made,) = grants.parse(line)
    assert (made.name, made.grant, made.user_id) == ("grafana", Grant.VIEWER, 42)
    assert grants.find([made], secret) is made
    assert secret not in done.stderr


@pytest.mark.parametrize("words", [["a b", "viewer"], ["ADMIN_TOKEN", "admin"], ["x", "root"]])
def test_what_is_no_token_is_refused(words: list[str]) -> None:
    done = CliRunner().invoke(app, ["token", *words])
    assert done.exit_code == 2
    assert done.stdout == ""
