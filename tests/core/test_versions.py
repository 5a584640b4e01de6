from bot.core.machine import ConfigFile
from bot.core.model import Json
from bot.core.versions import changes, remembered
from tests.conftest import NOON


def file(text: str, mark: str = "1", name: str = "a.service") -> ConfigFile:
    return ConfigFile(name=name, text=text, mark=mark)


def seen(*versions: list[ConfigFile]) -> Json:
    known: Json = None
    for files in versions:
        known = remembered(known, files, NOON) or known
    return known


def test_a_first_look_has_nothing_to_compare_with() -> None:
    assert changes(None) == []
    assert changes(seen([file("x")])) == []
    assert changes("of an older release") == []


def test_the_same_again_is_nothing_to_remember() -> None:
    known = seen([file("x")])
    assert remembered(known, [file("x")], NOON) is None


def test_a_change_is_shown_however_often_one_looks() -> None:
    known = seen([file("a\nb\nc")], [file("a\nB\nc", "2")], [file("a\nB\nc", "2")])
    (change,) = changes(known)
    assert (change.name, change.lines) == ("a.service", ["-b", "+B"])


def test_only_the_last_change_is_shown() -> None:
    known = seen([file("a")], [file("b", "2")], [file("c", "3")])
    (change,) = changes(known)
    assert change.lines == ["-b", "+c"]


def test_a_hidden_value_that_changed_is_a_change_without_lines() -> None:
    (change,) = changes(seen([file("T=«hidden»")], [file("T=«hidden»", "2")]))
    assert (change.lines, change.new, change.gone) == ([], False, False)


def test_files_come_and_go() -> None:
    known = seen([file("x")], [file("y", name="b.conf")])
    assert [(one.name, one.new, one.gone) for one in changes(known)] == [
        ("b.conf", True, False),
        ("a.service", False, True),
    ]
