"""SoVAni's services, and the assistant itself: state, since when, how the last run ended."""

import re
from dataclasses import dataclass
from datetime import timedelta

from bot.core.keyboard import Key, Keys
from bot.core.model import Phrase, Unreadable, phrase
from bot.core.params import Param
from bot.core.question import Asking, Command, Page
from bot.core.tools import Service, ServiceState
from bot.core.verbs import Verb
from bot.questions._doing import doing
from bot.questions._services import LABELS, LOG_LINES, NAMES, RESTARTS, SHOP, logs_keys

ALL = "all"
EXITED = re.compile(r"Main process exited, code=(\w+), status=(\S+)")
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """`why`: it cannot be seen."""

    state: ServiceState | None = None
    why: Phrase | None = None


def command() -> Command:
    return Command(
        name="svc",
        about="The services: state, since when, restarts, memory",
        read=read,
        params=[Param(name="service", default=ALL, words=[*NAMES, ALL])],
        place=63,
        runbooks=[1, 6],
    )


async def read(asking: Asking) -> Page:
    name = str(asking.args["service"])
    if name != ALL:
        return await _one(asking, Service(name))
    views = [await _view(asking, service) for service in SHOP]
    if all(one.state is None and one.why is None for one in views):
        raise Unreadable(phrase("services_off"))
    return Page(
        template="answers/svc.html.j2",
        values={"views": views, "own": await asking.tools.host.own()},
        keys=[
            [Key(label, Verb.ASK, f"svc {service}") for service, label in LABELS.items()],
            [Key("Refresh", Verb.ASK, "svc"), Key("Machine", Verb.ASK, "host")],
        ],
    )


async def _one(asking: Asking, service: Service) -> Page:
    state = await asking.tools.services.state(service)
    if state is None:
        raise Unreadable(phrase("services_off"))
    known = state.exit_code is not None or state.exit_signal is not None
    return Page(
        template="answers/svc_one.html.j2",
        values={"one": state, "ended": None if known else await _last_exit(asking, service)},
        keys=_keys(asking, service),
    )


async def _view(asking: Asking, service: Service) -> View:
    try:
        return View(state=await asking.tools.services.state(service))
    except Unreadable as unreadable:
        return View(why=unreadable.why)


async def _last_exit(asking: Asking, service: Service) -> str | None:
    """The manager forgets how the last run ended when the next begins; the log may know."""
    try:
        since = asking.moment.now - A_DAY
        found = await asking.tools.logs.lines(service, since, most=LOG_LINES)
    except Unreadable:
        return None
    for line in reversed(found.lines):
        if exited := EXITED.search(line.text):
            return exited[2]
    return None


def _keys(asking: Asking, service: Service) -> Keys:
    rows = [
        doing(asking, RESTARTS[service]),
        logs_keys(service),
        [Key("Config", Verb.ASK, f"config {service}"), Key("All services", Verb.ASK, "svc")],
    ]
    return [row for row in rows if row]
