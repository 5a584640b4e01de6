"""An answer from its reading to its text; whatever goes wrong there has a sentence."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.core.model import Phrase, Unreadable, phrase
from bot.core.question import Page, WrongArguments
from bot.edges.templates import Templates

log = logging.getLogger(__name__)


async def written(
    templates: Templates, read: Callable[[], Awaitable[Page]], longest: float
) -> tuple[Page, str] | Phrase:
    """The answer and its text, or why there is none within `longest` seconds."""
    try:
        async with asyncio.timeout(longest):
            page = await read()
        return page, templates.render(page.template, **page.values)
    except (Unreadable, WrongArguments) as known:
        return known.why
    except TimeoutError:
        return phrase("answer_too_slow", seconds=longest)
    except Exception:
        log.exception("no answer")
        return phrase("answer_failed")
