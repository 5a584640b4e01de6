"""Long texts lose whole lines, and never half a tag."""

from bot.edges.telegram.fitting import LONGEST, fit, fit_html, size, too_long


def more(count: int) -> str:
    return f"… {count} more"


def test_a_short_text_stays_as_it_is() -> None:
    assert fit_html("<b>x</b> &lt;", more) == "<b>x</b> &lt;"


def test_whole_lines_go_and_are_counted() -> None:
    text = "\n".join(f"<b>{number}</b> {'x' * 90}" for number in range(100))
    fitted = fit_html(text, more)
    assert fitted is not None
    *kept, last = fitted.split("\n")
    assert kept == text.split("\n")[: len(kept)]
    assert last == f"… {100 - len(kept)} more"
    assert size(fitted) <= LONGEST


def test_a_tag_over_many_lines_is_dropped_whole() -> None:
    fitted = fit_html("head\n<pre>" + "line\n" * 2000 + "</pre>", more)
    assert fitted is not None
    assert fitted.startswith("head\n… ")
    assert "<pre>" not in fitted


def test_one_endless_line_cannot_be_cut_as_html() -> None:
    assert fit_html("<b>" + "x" * 5000 + "</b>", more) is None
    assert len(fit("x" * 5000)) <= LONGEST


def test_characters_outside_the_basic_plane_count_twice() -> None:
    assert too_long("🟡" * 2049)
    assert not too_long("🟡" * 2048)
