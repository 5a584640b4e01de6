"""Everything people can do to the assistant. Routers are built, so a test has its own."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from aiogram import Dispatcher

from bot.core.access import Access
from bot.core.book import Book
from bot.core.desk import Desk
from bot.core.detectors import Detectors
from bot.core.ports import Store
from bot.core.question import Command, Wording
from bot.core.tools import Tools
from bot.edges.charts import Charts
from bot.edges.tasks import Tasks
from bot.edges.telegram.limits import Pace
from bot.edges.templates import Templates
from handlers import commands as typed_commands
from handlers import errors, membership, moves, taps
from handlers.admission import MessageAdmission, TapAdmission
from handlers.answering import Answering
from handlers.following import Following
from handlers.looking import Looking
from handlers.menu import publish
from handlers.pages import Pages
from handlers.sending import Sender

__all__ = ["dispatcher", "publish"]


def dispatcher(  # noqa: PLR0913  # every outside thing that a handler may touch, by name
    *,
    desk: Desk,
    store: Store,
    templates: Templates,
    cards: Wording,
    commands: Mapping[str, Command],
    tools: Tools,
    book: Book,
    access: Access,
    tasks: Tasks,
    clock: Callable[[], datetime],
    charts: Charts,
    pace: Pace | None = None,
    interval: timedelta = timedelta(minutes=5),
    detectors: Detectors,
) -> Dispatcher:
    """Put routers and middlewares together. Every handler returns at once; see `answering`."""
    sender = Sender(store=store, templates=templates, charts=charts, pace=pace)
    pages = Pages(store=store, sender=sender, templates=templates, clock=clock)
    answering = Answering(
        store=store,
        book=book,
        access=access,
        tools=tools,
        templates=templates,
        wording=cards,
        commands=commands,
        tasks=tasks,
        sender=sender,
        clock=clock,
        interval=interval,
        detectors=detectors,
        looking=Looking(store=store, sender=sender, templates=templates, clock=clock),
        pages=pages,
        following=Following(pages=pages),
    )
    made = Dispatcher(desk=desk, commands=commands, answering=answering, disable_fsm=True)
    made.message.outer_middleware(
        MessageAdmission(
            access=access, desk=desk, commands=commands, answering=answering, clock=clock
        )
    )
    made.callback_query.outer_middleware(TapAdmission(access))
    made.include_routers(  # asked in turn, so the busiest comes first
        taps.build(), moves.build(), membership.build(), typed_commands.build(), errors.build()
    )
    return made
