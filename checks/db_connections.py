"""A PostgreSQL server soon takes no more connections.

Sees      sessions against what the server gives to roles that are no superusers.
Explains  how many there are by state, and which programs hold them.
Repairs   nothing by itself: a restart of the web API or the bot gives back what they have leaked;
          people set up pooling.

A shop in an SQLite file has no connections to run out of, and is well.
"""

from functools import partial
from typing import Final, Self

from pydantic import Field, model_validator

from bot.core.machine import Connections
from bot.core.model import Facts, Json, Moment, Reading, Severity, fires, ok
from bot.core.runbook import Runbook
from bot.core.steps import diagnosis as looked_at
from bot.core.steps import prevention, step, symptom
from bot.core.tools import Tools
from checks._config import CheckConfig, diagnose

SUBJECT: Final = "database connections"
SHOWN: Final = 3  # programs on a card


class Config(CheckConfig, title="CHECKS__DB_CONNECTIONS"):
    warn_pct: float = Field(
        default=80.0,
        gt=0,
        le=100,
        description="From so many of the connections: a warning.",
    )
    error_pct: float = Field(
        default=95.0, gt=0, le=100, description="From so many of the connections: an error."
    )
    clear_margin_pct: float = Field(
        default=5.0, ge=0, description="So far below WARN_PCT the alert ends, in the same %."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.warn_pct > self.error_pct:
            raise ValueError("WARN_PCT must not be above ERROR_PCT")
        return self


def runbook(config: Config) -> Runbook:
    return Runbook(
        name="check_db_connections",
        title="Database connections",
        number=9,
        detect=partial(detect, config=config),
        diagnose=diagnose("db_connections", diagnosis),
        remediations=["remediate_restart_web", "remediate_restart_bot"],
        details={"limits": partial(limits, config=config)},
        steps=[
            symptom("refused"),
            symptom("slow", asks={"Metrics": "latency"}),
            looked_at("who", asks={"Database": "db"}),
            looked_at("words", asks={"Web API": "logs web"}),
            step("leak", does=["remediate_restart_web", "remediate_restart_bot"]),
            step("pool"),
            step("raise"),
            prevention("pooling"),
        ],
        **config.pace,
    )


async def detect(tools: Tools, at: Moment, *, config: Config) -> list[Reading]:
    return [judge(await tools.storage.connections(), config, is_open=SUBJECT in at.open)]


async def limits(_tools: Tools, _at: Moment, *, config: Config) -> Facts:
    """From where `/db` calls them many."""
    return {"warn_pct": config.warn_pct}


async def diagnosis(tools: Tools, _at: Moment) -> Facts:
    found = await tools.storage.connections()
    return {"server": False} if found is None else {"server": True, **facts(found)}


def judge(found: Connections | None, config: Config, *, is_open: bool) -> Reading:
    """None: a file, which anybody may open."""
    if found is None:
        return ok(SUBJECT, server=False)
    numbers: dict[str, Json] = {"server": True, **facts(found)}
    if found.pct >= config.error_pct:
        return fires(SUBJECT, Severity.ERROR, **numbers)
    if found.pct >= config.warn_pct - (config.clear_margin_pct if is_open else 0):
        return fires(SUBJECT, Severity.WARNING, **numbers)
    return ok(SUBJECT, **numbers)


def facts(found: Connections) -> dict[str, Json]:
    return {
        "open": found.open,
        "most": found.most,
        "pct": found.pct,
        "states": [{"name": name, "count": count} for name, count in found.states],
        "programs": [{"name": name, "count": count} for name, count in found.programs],
        "stuck": dict(found.states).get("idle in transaction", 0),
    }
