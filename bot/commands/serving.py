"""The HTTP API of `run`, put together from its parts."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from socket import socket

from aiohttp.web import AbstractRouteDef

from bot import web
from bot.commands.build import Parts
from bot.commands.loops import beats
from bot.commands.rules import api_tokens
from bot.core import beat_look
from bot.core.desk import Desk
from bot.core.detectors import Detectors
from bot.core.question import Command
from bot.edges.clock import utc_now
from bot.edges.exposition import Exposition
from bot.edges.tasks import Tasks
from bot.web import health
from bot.web.context import Context, Part
from bot.web.incoming.intake import Intake
from bot.web.server import WebServer


async def serve(  # noqa: PLR0913, PLR0917  # it puts together all that a request may touch
    listening: socket,
    parts: Parts,
    commands: Mapping[str, Command],
    desk: Desk,
    detectors: Detectors,
    updates: Part,
    tasks: Tasks,
    exposition: Exposition,
    hidden: Sequence[AbstractRouteDef],
) -> WebServer:
    """Answer requests on the address that was taken at the start."""
    offer = offered(parts, commands, desk, detectors, updates)
    context = replace(offer, metrics=exposition.render)
    tasks.keep(context.intake.run, name="incoming alerts")
    if parts.book.beats:
        tasks.keep(lambda: beats(parts), name="heartbeats of jobs")
    else:  # alerts of jobs that were taken out of the settings end
        await parts.store.write(lambda tx: beat_look.look(tx, parts.book, utc_now()))
    server = WebServer(context, web.endpoints(context), hidden)
    await server.start(listening)
    return server


def offered(
    parts: Parts,
    commands: Mapping[str, Command],
    desk: Desk,
    detectors: Detectors,
    updates: Part,
) -> Context:
    """Put together what the API may touch."""
    settings = parts.settings
    return Context(
        store=parts.store,
        book=parts.book,
        cards=parts.cards,
        templates=parts.templates,
        watch=parts.watch,
        detectors=detectors,
        tools=parts.tools,
        access=parts.access,
        commands=commands,
        clock=utc_now,
        wake=desk.wake,
        desk=desk,
        intake=Intake(store=parts.store, book=parts.book, clock=utc_now),
        tokens=api_tokens(settings),
        open_reads=settings.http_open_reads,
        per_second=settings.http_per_second,
        incoming_per_second=settings.http_incoming_per_second,
        interval=timedelta(seconds=settings.check_interval_sec),
        resolve_timeout=timedelta(seconds=settings.incoming_resolve_timeout_sec),
        repeat=timedelta(seconds=settings.incoming_repeat_sec),
        redact=parts.redact,
        parts={
            "updates": updates,
            "state database": health.Writable(store=parts.store, monotonic=time.monotonic),
            "rounds": health.rounds(parts.watch.pulse),
        },
    )
