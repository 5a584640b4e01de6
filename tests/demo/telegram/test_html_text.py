"""Telegram's HTML: what parses into what, and the words of each refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.telegram.entities import detect, render
from demo.telegram.html_text import parse_html, trim, utf16
from demo.telegram.refusals import Refusal


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("disk < 5%", 'Unsupported start tag "" at byte offset 5'),
        ("<div>x</div>", 'Unsupported start tag "div" at byte offset 0'),
        ("ё<p>", 'Unsupported start tag "p" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a href=x/>", "Unexpected end of name token at byte offset 8"),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        (
            "<b><i>x</b></i>",
            'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
        ),
        ('<span class="red">x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a ='x'>y</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        (
            '<tg-time unix="soon">x</tg-time>',
            'Tag "tg-time" must have a valid attribute "unix" at byte offset 0',
        ),
    ],
)
def test_refusals_in_telegrams_words(source: str, words: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_html(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {words}"


@pytest.mark.parametrize(
    ("source", "text", "kinds"),
    [
        ("<b>a</b><strong>b</strong>", "ab", ["bold", "bold"]),
        ("<i><u><s>x</s></u></i>", "x", ["italic", "underline", "strikethrough"]),
        ("<tg-spoiler>x</tg-spoiler>", "x", ["spoiler"]),
        ('<span class="tg-spoiler">x</span>', "x", ["spoiler"]),
        ("<blockquote expandable>x</blockquote>", "x", ["expandable_blockquote"]),
        ("<blockquote>x</blockquote>", "x", ["blockquote"]),
        ('<pre><code class="language-sql">x</code></pre>', "x", ["pre"]),
        ('<a href="https://e.x/?a=1&amp;b=2">x</a>', "x", ["text_link"]),
        ("<a>x</a>", "x", []),
        ("<b></b>x", "x", []),
        ("1 &lt; 2 &amp;&amp; &#8381; &#x20bd; &nbsp;", "1 < 2 && ₽ ₽ &nbsp;", []),
        ('<tg-time unix="1700000000" format="r">x</tg-time>', "x", ["date_time"]),
        ("<B>x</b>", "x", ["bold"]),
    ],
)
def test_what_parses(source: str, text: str, kinds: list[str]) -> None:
    parsed, entities = parse_html(source)
    assert parsed == text
    assert sorted(entity["type"] for entity in entities) == sorted(kinds)


def test_offsets_count_utf16_units() -> None:
    text, entities = parse_html("🔴 <b>ёж</b>")
    assert text == "🔴 ёж"
    assert entities == [{"type": "bold", "offset": 3, "length": 2}]


def test_a_language_and_a_time_are_kept() -> None:
    _, (pre,) = parse_html('<pre><code class="language-sql">x</code></pre>')
    assert pre["language"] == "sql"
    _, (moment,) = parse_html('<tg-time unix="17" format="wDT">x</tg-time>')
    assert (moment["unix_time"], moment["date_time_format"]) == (17, "wDT")


def test_outer_white_space_goes_and_entities_follow() -> None:
    text, entities = trim(*parse_html(" \n<b> x </b>\n"))
    assert text == "x"
    assert entities == [{"type": "bold", "offset": 0, "length": 1}]


def test_rendering_nests_and_escapes() -> None:
    text, entities = parse_html('<b>a<i>&lt;script&gt;</i></b> <a href="https://e.x">l</a>')
    html = render(text, entities)
    assert html.startswith("<b>a<i>&lt;script&gt;</i></b> <a ")
    assert 'href="https://e.x"' in html


def test_a_link_cannot_smuggle_a_script() -> None:
    text, entities = parse_html('<a href="javascript:alert(1)">x</a>')
    assert 'href="http://javascript:alert(1)"' in render(text, entities)


def test_commands_are_found_outside_code_and_links_only() -> None:
    text, entities = parse_html("<code>/no</code> /yes a/b https://e.x/path /two@some_bot")
    found = detect(text, entities)
    spans = [text[each["offset"] : each["offset"] + each["length"]] for each in found]
    assert spans == ["/yes", "https://e.x/path", "/two@some_bot"]


@given(st.text(alphabet=st.sampled_from("<>/&;\"' =abiu🔴ё\n#x")))
def test_any_text_is_parsed_or_refused(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except Refusal:
        return
    for entity in entities:
        assert 0 <= entity["offset"] <= entity["offset"] + entity["length"] <= utf16(text)
    render(text, entities)
