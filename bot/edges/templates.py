"""Jinja, set up once: HTML is escaped, SQL takes bound values only, gaps are errors."""

import html
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import CodeType
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import (
    BytecodeCache,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    pass_environment,
    select_autoescape,
)
from jinja2.bccache import Bucket
from jinja2.filters import do_truncate
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.core.columns import Column, Kind
from bot.core.model import Phrase
from bot.edges import formats
from bot.edges.grid import cut, grid, wrapped

FOLDER = Path(__file__).resolve().parent.parent.parent / "templates"
TAG = re.compile(r"<[^<>]*>")
AROUND_PRE = re.compile(r"(<pre>)\n+|\n+(</pre>)")  # Telegram shows an empty line for each


class Compiled(BytecodeCache):
    """Templates compiled once in a process, however often they are loaded: a third of a second."""

    _kept: dict[str, tuple[str, CodeType]]

    def __init__(self) -> None:
        self._kept = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:  # of the source
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key] = bucket.checksum, bucket.code


COMPILED = (Compiled(), Compiled())


class Templates:
    """All texts and all SQL. `clock` only tells today's times from older ones.

    `redact` sees every value before it is written into a text or cut: error messages of other
    programs may carry a token, and half of one is not known any more.
    """

    def __init__(
        self,
        *,
        zone: ZoneInfo,
        clock: Callable[[], datetime],
        redact: Callable[[str], str] | None = None,
        folder: Path = FOLDER,
    ) -> None:
        self.redact: Callable[[str], str] = redact or str
        self._env = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html.j2"], default=False),
            finalize=_redacting(redact) if redact else None,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            # What is compiled depends on whether values pass a filter, not on which.
            bytecode_cache=COMPILED[redact is not None],
        )
        self._env.filters |= {
            "rub": formats.rub,
            "size": formats.size,
            "ms": formats.ms,
            "pct": formats.pct,
            "dur": formats.dur,
            "num": formats.num,
            "day": formats.day,
            "local": formats.local_filter(zone, clock),
            "dated": formats.dated_filter(zone),
            "moment": formats.moment,
            "unix": formats.unix,
            "say": self._say_filter,
            "grid": self._grid_filter,
            "wrapped": self._before(wrapped),
            "cut": self._before(cut),
            "truncate": _truncating(self.redact),
        }
        self._phrases = self._find_phrases()

    def render(self, name: str, /, **context: object) -> str:
        text = self._env.get_template(name).render(context).strip()
        return AROUND_PRE.sub(r"\1\2", text)

    def block(self, name: str, block: str, /, **context: object) -> str:
        """One block of a template, such as a card's headline."""
        return self._block(self._env.get_template(name), block, context)

    def say(self, phrase: Phrase) -> str:
        """The phrase as HTML."""
        template = self._phrases[phrase.key]
        return self._block(template, phrase.key, phrase.values)

    def say_plain(self, phrase: Phrase) -> str:
        """The phrase as plain text, for toasts, the terminal and JSON."""
        return plain(self.say(phrase))

    def sql(self, name: str, /, **context: object) -> str:
        return self.render(name, **context)

    def names(self) -> list[str]:
        return self._env.list_templates()

    def compile(self, name: str) -> None:
        """Raise jinja2's `TemplateSyntaxError` where a template cannot work."""
        self._env.get_template(name)

    @property
    def phrases(self) -> frozenset[str]:
        return frozenset(self._phrases)

    def _say_filter(self, value: Phrase | Mapping[str, object]) -> str:
        phrase = value if isinstance(value, Phrase) else Phrase(**value)  # type: ignore[arg-type]
        # Already escaped where it was rendered.
        return self._env.filters["safe"](self.say(phrase))  # type: ignore[no-any-return]

    def _grid_filter(self, rows: Iterable[object], *columns: Column | str) -> str:
        local = self._env.filters["local"]
        writers = {
            Kind.TIME: lambda value: str(local(str(value))),
            Kind.TEXT: lambda value: self.redact(str(value)),
        }
        return grid(rows, columns, writers=writers)

    def _before(self, shorten: Callable[..., str]) -> Callable[..., str]:
        return lambda text, *how, **more: shorten(
            self.redact(text) if type(text) is str else text, *how, **more
        )

    def _find_phrases(self) -> dict[str, Template]:
        names = self._env.list_templates(filter_func=lambda name: name.startswith("phrases/"))
        found: dict[str, Template] = {}
        for name in names:
            template = self._env.get_template(name)
            if twice := found.keys() & template.blocks.keys():
                raise ValueError(f"phrases defined twice: {sorted(twice)} (again in {name})")
            found |= dict.fromkeys(template.blocks, template)
        return found

    @staticmethod
    def _block(template: Template, block: str, context: Mapping[str, object]) -> str:
        return "".join(template.blocks[block](template.new_context(dict(context)))).strip()


def _truncating(redact: Callable[[str], str]) -> Callable[..., str]:
    @pass_environment
    def truncate(env: Environment, text: str, *how: Any) -> str:  # noqa: ANN401  # jinja2's own
        return do_truncate(env, redact(text) if type(text) is str else text, *how)

    return truncate


def _redacting(redact: Callable[[str], str]) -> Callable[[object], object]:
    def finalize(value: object) -> object:
        # Rendered HTML went through here already, piece by piece.
        return redact(value) if type(value) is str else value

    return finalize


def plain(text: str) -> str:
    """HTML as the text a person would read."""
    return html.unescape(TAG.sub("", text))
