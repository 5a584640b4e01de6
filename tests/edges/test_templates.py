"""Texts: escaped, complete, and from the operator's files only."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from bot.core.model import phrase
from bot.edges.redact import HIDDEN, Redactor
from bot.edges.templates import Templates, plain
from tests.conftest import NOON


def made(folder: Path, **files: str) -> Templates:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.html.j2"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Templates(zone=ZoneInfo("UTC"), clock=lambda: NOON, folder=folder)


def test_values_are_data_never_markup(tmp_path: Path) -> None:
    templates = made(tmp_path, card="<b>{{ name }}</b>")
    assert templates.render("card.html.j2", name="<i>&") == "<b>&lt;i&gt;&amp;</b>"


def test_a_gap_is_an_error_not_an_empty_word(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError):
        made(tmp_path, card="{{ nobody }}").render("card.html.j2")


def test_a_template_cannot_reach_into_python(tmp_path: Path) -> None:
    evil = "{{ ''.__class__.__mro__[1].__subclasses__() }}"
    with pytest.raises(SecurityError):
        made(tmp_path, card=evil).render("card.html.j2")


def test_a_phrase_is_a_block_of_any_phrase_file(tmp_path: Path) -> None:
    templates = made(tmp_path, phrases__a="{% block hello %}Hello <b>{{ name }}</b>{% endblock %}")
    assert templates.say(phrase("hello", name="<Ann>")) == "Hello <b>&lt;Ann&gt;</b>"
    assert templates.say_plain(phrase("hello", name="<Ann>")) == "Hello <Ann>"


def test_a_phrase_defined_twice_stops_the_start(tmp_path: Path) -> None:
    block = "{% block hello %}{% endblock %}"
    with pytest.raises(ValueError, match="hello"):
        made(tmp_path, phrases__a=block, phrases__b=block)


def test_a_template_of_another_release_is_compiled_anew(tmp_path: Path) -> None:
    assert made(tmp_path, card="as it was").render("card.html.j2") == "as it was"
    assert made(tmp_path, card="as it is").render("card.html.j2") == "as it is"


def test_plain_text_is_what_a_person_would_read() -> None:
    assert plain("<b>a &lt; b</b> &amp; <i>c</i>") == "a < b & c"


def test_the_shipped_templates_all_compile() -> None:
    templates = Templates(zone=ZoneInfo("UTC"), clock=lambda: NOON)
    for name in templates.names():
        templates.compile(name)
    assert "stranger" in templates.phrases


def test_no_secret_gets_into_a_text_whatever_value_carries_it(tmp_path: Path) -> None:
    (tmp_path / "card.html.j2").write_text("<b>{{ error }}</b> {{ errors | join(', ') }}")
    redact = Redactor(["planted-secret"])
    templates = Templates(zone=ZoneInfo("UTC"), clock=lambda: NOON, folder=tmp_path, redact=redact)
    text = templates.render(
        "card.html.j2", error="401 for planted-secret", errors=["planted-secret", 5]
    )
    assert text == f"<b>401 for {HIDDEN}</b> {HIDDEN}, 5"


SECRET = "planted-7f3a9c2e5b8d1f60"


@pytest.mark.parametrize(
    "shown",
    [
        "{{ error | truncate(30, True, '…', 0) }}",
        "{{ error | cut(30) }}",
        "{{ error | wrapped(2) }}",
        "{{ [{'error': error}] | grid('error|Error') }}",
        "{{ error[:30] }}",
        "{{ error[:30] ~ '…' }}",
    ],
)
def test_a_secret_that_is_cut_shows_no_part_of_it(tmp_path: Path, shown: str) -> None:
    (tmp_path / "card.html.j2").write_text(shown)
    (tmp_path / "own.html.j2").write_text("{{ error }}")
    redact = Redactor([SECRET, "4286222391:AAHfiqksKZ8WmR2zMnQ"])
    templates = Templates(zone=ZoneInfo("UTC"), clock=lambda: NOON, folder=tmp_path, redact=redact)
    text = templates.render("card.html.j2", error=f"401 it refused {SECRET} and stopped there")
    assert "plan" not in text.replace("\n", "").replace(" ", "")
    assert "401 it refused" in text
    assert templates.render("own.html.j2", error="bot 4286222391") == "bot 4286222391"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://hc.example", "see https://hc.example"),
        ("see https://hc.example/0b1c9", f"see {HIDDEN}"),
        ("http://127.0.0.1:9001", "http://127.0.0.1:9001"),
        ("postgresql://shop", "postgresql://shop"),
        ("postgresql://shop:pw-of…", f"{HIDDEN}…"),
        ("4286222391", "4286222391"),
        ("4286222391:AAHf", HIDDEN),
        ("the words planted-7f are", "the words planted-7f are"),
    ],
)
def test_what_is_no_secret_of_an_address_is_shown(text: str, shown: str) -> None:
    addresses = ["https://hc.example/0b1c9d2e", "http://127.0.0.1:9001/RPC2"]
    redact = Redactor(
        [*addresses, "postgresql://shop:pw-of-the-shop@db/x", "4286222391:AAHfiqks", SECRET]
    )
    assert redact(text) == shown
