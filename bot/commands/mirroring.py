"""Who writes our history into SoVAni's tables: from the settings."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from bot.commands.build import Parts
from bot.edges.clock import utc_now
from bot.edges.lookout import Lookout
from bot.edges.mirror import Mirror
from bot.edges.mirror.entries import Entries
from bot.edges.mirror.loop import EVERY
from bot.edges.redact import Redactor
from bot.edges.shop import open_history
from bot.edges.tasks import Tasks


def make_mirror(parts: Parts) -> Mirror:
    settings = parts.settings
    url = settings.database_url.get_secret_value()
    return Mirror(
        store=parts.store,
        history=open_history(url, sql=parts.templates.sql),
        entries=Entries(cards=parts.cards, redact=Redactor(settings.secrets())),
        say=parts.templates.say_plain,
        clock=utc_now,
        lookout=Lookout(clock=utc_now, pause=EVERY),
    )


def keep_mirror(
    parts: Parts, tasks: Tasks, stack: AsyncExitStack, listeners: list[Callable[[], None]]
) -> None:
    """Follow our history where `MIRROR_HISTORY` wants it."""
    if parts.settings.mirror_history:
        mirror = make_mirror(parts)
        listeners.append(mirror.lookout.wake)
        stack.push_async_callback(mirror.history.close)
        tasks.keep(mirror.run, name="history for SoVAni")
