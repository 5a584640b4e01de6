"""What holds for every check, remediation and command there is, and every one to come."""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

import checks
from bot import questions, remediations, schedules
from bot.commands import reference
from bot.core import sight, todo
from bot.core.keyboard import of_alert
from bot.core.model import Alert, Severity, State
from bot.core.question import Command, parse
from bot.core.runbook import Guard, Remediation, Runbook
from bot.core.steps import WEEK_AGO, Section
from bot.core.todo import CATALOGUE
from bot.core.verbs import Verb
from bot.edges.telegram.keyboards import Tap
from bot.settings import Settings
from tests.conftest import NOON

ROOT = Path(__file__).resolve().parent.parent
CHECKS = checks.load({})
ACTIONS = remediations.load()
COMMANDS = questions.load(ACTIONS)
each_check = pytest.mark.parametrize("runbook", CHECKS.values(), ids=CHECKS)
each_action = pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
each_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
DOCUMENTS = {
    path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md")
} | {"README.md": (ROOT / "README.md").read_text(encoding="utf-8")}


def alert_of(runbook: Runbook) -> Alert:
    return Alert(
        id=1,
        check=runbook.name,
        subject="x",
        severity=Severity.ERROR,
        state=State.FIRING,
        facts={},
        opened_at=NOON,
        told_at=NOON,
    )


def asks(action: Remediation) -> bool:
    return action.guard is not Guard.NONE or action.command is not None


@each_check
def test_a_check_has_its_test_its_texts_and_its_place(runbook: Runbook) -> None:
    wanted = [
        f"checks/{runbook.folder}.py",
        f"tests/checks/test_{runbook.folder}.py",
        *(f"templates/{runbook.folder}/{name}.html.j2" for name in ("card", "runbook")),
        *(f"templates/{one.template}" for one in (runbook.diagnose, *runbook.questions)),
    ]
    assert [path for path in wanted if not (ROOT / path).is_file()] == []
    test = (ROOT / wanted[1]).read_text(encoding="utf-8")
    assert "async def seen(" in test, "tests/snapshots keep what people see of it"
    assert sorted(one.number for one in CHECKS.values()) == list(range(1, len(CHECKS) + 1))


@each_check
def test_a_check_says_what_it_sees_explains_and_repairs(runbook: Runbook) -> None:
    doc = (ROOT / f"checks/{runbook.folder}.py").read_text(encoding="utf-8").split('"""')[1]
    assert [word for word in ("Sees", "Explains", "Repairs") if f"\n{word}" not in doc] == []


@each_check
def test_a_check_offers_only_remediations_that_exist(runbook: Runbook) -> None:
    named = {*runbook.remediations, *([runbook.automatic] if runbook.automatic else [])}
    assert named <= ACTIONS.keys()
    assert runbook.automatic is None or runbook.automatic in runbook.remediations


@each_check
def test_a_cards_buttons_fit_telegram_and_are_documented(runbook: Runbook) -> None:
    actions = [ACTIONS[name] for name in runbook.remediations]
    keys = [
        key for row in of_alert(alert_of(runbook), runbook, actions, busy=False) for key in row
    ]
    labels = [key.label for key in keys]
    assert len(set(labels)) == len(labels)
    assert [label for label in labels if f"`{label}`" not in DOCUMENTS["buttons.md"]] == []
    assert {Verb.ACKNOWLEDGE, Verb.SILENCE, Verb.ASK} <= {key.verb for key in keys}


@each_check
def test_a_check_is_linked_only_to_checks_that_there_are(runbook: Runbook) -> None:
    assert {one.partition(":")[0] for one in runbook.linked} <= CHECKS.keys() - {runbook.name}


@each_check
def test_a_cards_buttons_ask_only_commands_that_there_are(runbook: Runbook) -> None:
    for asked in runbook.asks.values():
        name, *words = asked.split()
        assert COMMANDS[name].read is not None
        parse(COMMANDS[name], words)  # wrong ones raise


@each_check
def test_what_a_diagnosis_leads_to_exists(runbook: Runbook) -> None:
    for label, asked in runbook.diagnose.leads.items():
        name, *words = asked.split()
        command = COMMANDS[name]
        assert command.read is not None
        parse(command, words)
        assert f"`{label}`" in DOCUMENTS["buttons.md"]


@each_check
def test_a_runbook_has_lines_each_with_its_words(runbook: Runbook) -> None:
    assert any(one.section is Section.STEPS for one in runbook.steps)
    words = (ROOT / f"templates/{runbook.folder}/runbook.html.j2").read_text(encoding="utf-8")
    said = re.findall(r"{% block (\w+) %}", words)
    headings = {one.under for one in runbook.steps if one.under}
    named = ["about", *headings, *(one.name for one in runbook.steps)]
    assert sorted(said) == sorted(named)  # each has its own, and none is never shown


@each_check
def test_what_a_runbooks_line_asks_does_and_plans_exists(runbook: Runbook) -> None:
    own = {one.name for one in (runbook.diagnose, *runbook.questions)}
    planned = schedules.load()
    for line in runbook.steps:
        for label, asked in line.asks.items():
            name, *words = asked.split()
            if name not in own:
                assert COMMANDS[name].read is not None
                parse(COMMANDS[name], words)
            assert f"`{label}`" in DOCUMENTS["buttons.md"], label
        for did in line.does:
            name, *words = did.replace(WEEK_AGO, "2026-11-16").split()
            assert ACTIONS[name].direct
            if words:
                parse(ACTIONS[name], words)
        assert all(CATALOGUE[key].runbook == runbook.number for key in line.todo)
        assert line.schedule in {"", *planned}
        assert set(line.told) <= {"cause", "note"}


def test_every_step_of_the_checklist_stands_in_a_runbook_once() -> None:
    shown = [key for one in CHECKS.values() for line in one.steps for key in line.todo]
    assert sorted(shown) == sorted(CATALOGUE)


def test_a_token_fits_into_a_button() -> None:
    assert len(Tap(token="x" * 22).pack().encode()) <= 64


@each_action
def test_a_remediation_has_its_test_its_words_and_its_limits(action: Remediation) -> None:
    short = action.name.removeprefix("remediate_")
    wanted = [
        f"bot/remediations/{action.name}.py",
        f"tests/remediations/test_{action.name}.py",
        f"templates/remediations/{short}.html.j2",
        *([f"templates/remediations/ask_{short}.html.j2"] if asks(action) else []),
    ]
    assert [path for path in wanted if not (ROOT / path).is_file()] == []
    assert timedelta(0) < action.timeout <= timedelta(hours=1)


@each_command
def test_a_command_is_documented_with_its_usage_and_fits_the_menu(command: Command) -> None:
    assert re.fullmatch(r"[a-z0-9_]{1,32}", command.name)
    assert 1 <= len(command.about) <= 256
    assert f"`{command.usage}`" in DOCUMENTS["commands.md"]


@each_command
def test_a_question_belongs_to_runbooks_that_exist(command: Command) -> None:
    assert set(command.runbooks) <= {one.number for one in CHECKS.values()}


def test_every_setting_is_documented() -> None:
    names = [name.upper() for name in Settings.model_fields if name not in reference.NESTED]
    names += [
        f"CHECKS__{check}__{field}".upper()
        for check, config in reference.configs()
        for field in config.model_fields
        if field not in reference.COMMON
    ]
    assert [name for name in names if f"`{name}`" not in DOCUMENTS["configuration.md"]] == []


def test_no_command_is_documented_twice() -> None:
    firsts = re.findall(r"^\|([^|]+)\|", DOCUMENTS["commands.md"], re.MULTILINE)
    named = Counter(name for first in firsts for name in re.findall(r"`/(\w+)", first))
    assert [name for name, count in named.items() if count > 1] == []
    assert named.keys() >= {one.name for one in COMMANDS.values() if one.listed}


def test_every_check_is_documented() -> None:
    rows = [f"| {one.title} | `{one.name}` |" for one in CHECKS.values()]
    assert [row for row in rows if row not in DOCUMENTS["checks.md"]] == []


@pytest.mark.parametrize("name", schedules.load())
def test_a_schedule_is_documented_with_its_usual_time(name: str) -> None:
    one = schedules.load()[name]
    assert f"| `{name}` | `{one.when}`" in DOCUMENTS["schedule.md"]
    assert f"| `SCHEDULE__{name.upper()}` | `{one.when}` |" in DOCUMENTS["configuration.md"]
    if one.now is not None and one.now.verb is Verb.DO:
        assert one.now.arg.split()[0] in ACTIONS


def test_documents_link_only_to_what_is_there() -> None:
    links = [
        (path, link)
        for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
        for link in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
        if not link.startswith("http")
    ]
    assert [
        f"{path.name}: {link}" for path, link in links if not (path.parent / link).exists()
    ] == []


def test_no_registry_host_no_path_of_a_machine_and_no_secret_is_committed() -> None:
    hosts = (
        "files.pytho" + "nhosted",
        "pypi" + ".org",
        "registry.np" + "mjs",
        "deb.deb" + "ian.org",
    )
    for path in ROOT.rglob("requirements*.lock"):
        text = path.read_text(encoding="utf-8")
        assert [host for host in hosts if host in text] == []


@pytest.mark.parametrize("step", todo.STEPS, ids=lambda step: step.key)
def test_a_step_of_people_has_its_words_its_button_and_its_runbook(step: todo.Step) -> None:
    words = (ROOT / "templates/phrases/todo.html.j2").read_text(encoding="utf-8")
    assert f"{{% block step_{step.key} %}}" in words
    assert f"`{step.label}`" in DOCUMENTS["buttons.md"]
    assert step.runbook in {one.number for one in CHECKS.values()}


def test_the_runbook_of_blind_checks_takes_no_number_from_the_others() -> None:
    assert sight.NAME not in CHECKS


def test_decisions_are_numbered_without_gaps_and_named_as_they_are_titled() -> None:
    paths = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in paths] == [*range(1, len(paths) + 1)]
    assert all(
        path.read_text(encoding="utf-8").startswith(f"# {number}. ")
        for number, path in enumerate(paths, start=1)
    )
