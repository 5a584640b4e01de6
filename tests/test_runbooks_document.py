"""`docs/runbooks.md`: each row names what exists, and a test that exists."""

import re
from pathlib import Path
from string import ascii_lowercase

import pytest

import checks
from bot import questions, remediations, schedules
from bot.core.steps import Section, Step, numbered
from bot.core.todo import CATALOGUE
from bot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs/runbooks.md").read_text(encoding="utf-8")
BUTTONS = (ROOT / "docs/buttons.md").read_text(encoding="utf-8")
CHECKS = checks.load({})
ACTIONS = remediations.load()
COMMANDS = questions.load(ACTIONS)
LETTERS = {Section.SYMPTOMS: "S", Section.DIAGNOSIS: "D", Section.PREVENTION: "P"}
SCHEDULES = schedules.load()
SECTIONS = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
ROWS = [
    (section.partition("\n")[0], *(cell.strip() for cell in line.strip("|\n").split("|")))
    for section in SECTIONS
    for line in section.splitlines()
    if line.startswith("| ") and not line.startswith(("| Line", "|---"))
]
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}: {row[1]}")


@each_row
def test_what_a_row_names_exists(row: tuple[str, ...]) -> None:
    _, _, what, test = row
    wrong = []
    for name in re.findall(r"`([^`]+)`", what):
        if command := re.fullmatch(r"/([a-z_]+)(?: .*)?", name):
            wrong += [] if command[1] in COMMANDS else [name]
        elif name.startswith("check_"):
            wrong += [] if name in CHECKS else [name]
        elif name.startswith("SCHEDULE__"):
            wrong += [] if name.removeprefix("SCHEDULE__").lower() in SCHEDULES else [name]
        elif name.isupper():
            wrong += [] if name.lower() in Settings.model_fields else [name]
    labels = re.findall(r"\*([A-Z][^*]+)\*", what)
    wrong += [label for label in labels if f"`{label}`" not in BUTTONS]
    assert wrong == []
    path = re.fullmatch(r"`(tests/[^`]+)`", test)
    assert path is not None
    assert (ROOT / path[1]).is_file(), test


@each_row
def test_no_row_says_no(row: tuple[str, ...]) -> None:
    words = row[2].lower()
    assert not re.match(r"(no|none|not |n/a|todo|–|-)", words), row


def rows_of(number: int) -> list[tuple[str, ...]]:
    return [row for row in ROWS if row[0].startswith(f"Runbook {number}:")]


@pytest.mark.parametrize("number", range(1, 7))
def test_the_pages_have_these_lines_in_this_order(number: int) -> None:
    steps = lines_of(number)
    assert [row[1].partition(":")[0] for row in rows_of(number)] == [place for place, _ in steps]


@pytest.mark.parametrize("number", range(1, 7))
def test_what_a_line_of_a_page_offers_stands_in_its_row(number: int) -> None:
    for row, (_, step) in zip(rows_of(number), lines_of(number), strict=True):
        cell = row[2]
        labels = set(re.findall(r"\*([A-Z][^*]+)\*", cell))
        commands = set(re.findall(r"`/([a-z_]+)", cell))
        for label, asked in step.asks.items():
            assert label in labels or asked.partition(" ")[0] in commands, (row, asked)
        for name in step.actions:
            action = ACTIONS[name]
            restarts = name.startswith("remediate_restart_") and "restart" in commands
            assert {action.label, action.button} & labels or action.command in commands or restarts
        assert not step.schedule or f"`SCHEDULE__{step.schedule.upper()}`" in cell, row
        assert {CATALOGUE[key].label for key in step.todo} <= labels, row


def lines_of(number: int) -> list[tuple[str, Step]]:
    """Where each line of a page stands in the document: S, D, R1 …, P."""
    [runbook] = [one for one in CHECKS.values() if one.number == number]
    return [
        (f"R{mark.rstrip(ascii_lowercase)}" if section is Section.STEPS else LETTERS[section], one)
        for section in Section
        for mark, one in numbered(runbook.steps, section)
    ]


def test_every_runbook_has_its_symptoms_diagnoses_steps_and_prevention() -> None:
    """As many rows as the operators' document has lines of each kind."""
    kinds: dict[str, list[str]] = {}
    for section, line, *_ in ROWS:
        kinds.setdefault(section, []).append(line[0])
    found = {
        section.partition(":")[0]: {kind: letters.count(kind) for kind in "SDRP"}
        for section, letters in kinds.items()
        if section.startswith("Runbook")
    }
    least = {
        "Runbook 1": {"S": 3, "D": 3, "R": 4, "P": 4},
        "Runbook 2": {"S": 3, "D": 3, "R": 4, "P": 4},
        "Runbook 3": {"S": 3, "D": 3, "R": 4, "P": 4},
        "Runbook 4": {"S": 3, "D": 2, "R": 4, "P": 4},
        "Runbook 5": {"S": 3, "D": 4, "R": 4, "P": 4},
        "Runbook 6": {"S": 3, "D": 4, "R": 4, "P": 4},
    }
    short = {
        name: (kind, found[name][kind], count)
        for name, counts in least.items()
        for kind, count in counts.items()
        if found[name][kind] < count
    }
    assert short == {}
