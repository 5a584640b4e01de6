"""Every phrase the code names has its words, and no words wait in vain."""

import re

from tests.edges.shop.helpers import PHRASES, ROOT

NAMED = re.compile(r'"((?:shop|vacuum|restart|notify)_[a-z_]+)"')


def test_phrases_of_the_code_and_of_the_template_are_the_same() -> None:
    sources = [*ROOT.glob("bot/edges/shop/*.py"), *ROOT.glob("bot/remediations/*.py")]
    named = {key for source in sources for key in NAMED.findall(source.read_text())}
    named -= {"notify_finance", "vacuum_full"}  # a template of its own, and a command
    assert named == set(PHRASES.get_template("shop.html.j2").blocks)
