"""Log lines: one an event, secrets filtered at one place."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal

import structlog

from bot.edges.redact import Redactor


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """A formatter, not a filter: tracebacks and children of other loggers pass here too."""

    def __init__(self, redactor: Redactor, **options: Any) -> None:  # noqa: ANN401  # structlog's own
        super().__init__(**options)
        self.redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self.redactor(super().format(record))


def set_up(form: Literal["console", "json"], secrets: Iterable[str]) -> None:
    """Everything that logs, ours or a library's, goes through one handler to stderr."""
    shared = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Formatter(
            Redactor(secrets),
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(form),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("httpx", "httpcore", "aiogram.event", "alembic", "matplotlib"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def hide(secrets: Iterable[str]) -> None:
    """Let no line show these from now on: secrets that no setting names."""
    found = list(secrets)
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _Formatter):
            handler.formatter.redactor.learn(found)


def _renderers(form: Literal["console", "json"]) -> list[Any]:
    if form == "json":
        return [
            structlog.processors.format_exc_info,
            _one_line,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    plain = structlog.dev.plain_traceback  # no locals: they carry secrets
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def _one_line(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    return event
