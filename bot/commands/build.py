"""Puts the parts together from the settings. Every command takes from here what it needs.

aiogram is not among it: only `run` talks to Telegram, and importing it costs seconds.
"""

import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

import checks
from bot import remediations
from bot.commands import markets, people
from bot.commands.plans import WrongSchedule, plans
from bot.core import beat_look, beats, contacts, review, senders, sight
from bot.core.access import Access
from bot.core.book import Book
from bot.core.heartbeat import Pulse
from bot.core.notifier import AdminNotifier
from bot.core.policy import Policy
from bot.core.shared import Shared
from bot.core.tools import ActionTools, Service
from bot.core.watch import Watch
from bot.edges.archive import open_archive
from bot.edges.bounded import Bounded
from bot.edges.cards import Cards
from bot.edges.clock import utc_now
from bot.edges.host import LocalHost
from bot.edges.jobs import ShopJobs
from bot.edges.markets import ShopMarkets
from bot.edges.markets.resolve import Resolver
from bot.edges.memory import StoredMemory
from bot.edges.metrics import Metrics
from bot.edges.prometheus import PrometheusServer
from bot.edges.redact import Redactor
from bot.edges.services import open_services
from bot.edges.services.common import Looking
from bot.edges.shop import open_edits, open_maintenance, open_shop
from bot.edges.shop.address import SqliteFile, parse
from bot.edges.store import SqlStore
from bot.edges.templates import Templates
from bot.edges.webapi import ShopWebApi
from bot.settings import Settings
from bot.settings_state import StateSettings
from bot.settings_text import mistakes

CONFIG_ERROR = 78  # EX_CONFIG of sysexits.h: a restart does not help


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The product without Telegram."""

    settings: Settings
    templates: Templates
    store: SqlStore
    tools: ActionTools
    book: Book
    cards: Cards
    watch: Watch
    access: Access
    metrics: Metrics
    redact: Redactor


def load_settings() -> Settings:
    """Read environment and files; each mistake is one line, and the program ends."""
    try:
        settings = Settings(_env_file=env_files())
        checks.load(settings.checks, shared(settings))
        plans(settings)
    except ValidationError as error:
        prefix = "" if error.title == Settings.__name__ else f"{error.title}__"
        _stop([f"{prefix}{line}" for line in mistakes(error)])
    except WrongSchedule as error:
        _stop([str(error)])
    except LookupError as error:
        _stop([f"CHECKS: {error.args[0]}"])
    except (OSError, UnicodeDecodeError) as error:
        _stop([f"{getattr(error, 'filename', None) or '.env'} cannot be read: {error}"])
    return settings


def load_state_path() -> Path:
    """Where the assistant's own tables are, whatever else is wrong with the settings."""
    try:
        return StateSettings(_env_file=env_files()).state_path
    except ValidationError as error:
        _stop(mistakes(error))
    except (OSError, UnicodeDecodeError) as error:
        _stop([f"{getattr(error, 'filename', None) or '.env'} cannot be read: {error}"])


def env_files(environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Name the files of settings; the later ones win.

    Under systemd they come as credentials, which no other account can read: SoVAni's own
    `.env` and the assistant's (`LoadCredential=` in `deploy/sovani-ops.service`).
    """
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder is None:
        return (Path(".env"),)
    return (Path(folder, "shop.env"), Path(folder, "env"))


def _stop(lines: list[str]) -> NoReturn:
    for line in lines:
        print(f"settings: {line}", file=sys.stderr)  # noqa: T201  # the log is not set up yet
    raise SystemExit(CONFIG_ERROR)


def shared(settings: Settings) -> Shared:
    return Shared(
        slo_api_latency_p95_ms=settings.slo_api_latency_p95_ms,
        slo_ingest_success_rate_pct=settings.slo_ingest_success_rate_pct,
        slo_scheduler_on_time_pct=settings.slo_scheduler_on_time_pct,
        cf_negative_balance_alert_threshold=settings.cf_negative_balance_alert_threshold,
        cf_default_settlement_lag_days=settings.cf_default_settlement_lag_days,
    )


def policy(settings: Settings) -> Policy:
    return Policy(
        admin_chat=settings.admin_chat,
        alert_chats=settings.alert_chats,
        zone=settings.zone,
        min_severity=settings.alert_min_severity,
        dedup_window=timedelta(seconds=settings.alert_dedup_window_sec),
        unknown_rounds=settings.unknown_rounds,
        automatic=settings.auto_remediation_enabled,
        automatic_per_hour=settings.auto_remediation_max_retries,
        maintenance=settings.maintenance_window,
        storm_per_minute=settings.storm_per_minute,
        flap_changes=settings.flap_changes,
        flap_window=timedelta(seconds=settings.flap_window_sec),
        morning=settings.working_hours.start,
        rota=settings.oncall_rota,
        quiet_hours=settings.maintenance_silences,
        contacts=contacts.merged(settings.contacts, people.known(settings)),
        supports=people.supports(settings),
        missed_jobs=settings.missed_jobs,
        retention=settings.retention_days,
    )


def access(settings: Settings) -> Access:
    chats = {place.chat for place in (*settings.alert_chats, settings.admin_chat)}
    return Access(
        admins=settings.admins,
        managers=settings.manager_user_ids,
        viewers=settings.viewer_user_ids,
        chats=chats,
    )


@asynccontextmanager
async def open_tools(
    settings: Settings,
    *,
    state: Path | None = None,
    wake: Callable[[], None] = lambda: None,
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Parts]:
    """Open everything but Telegram; `state` None: tables in memory, for a look and no more."""
    redact = Redactor(settings.secrets())
    templates = Templates(zone=settings.zone, clock=clock, redact=redact)
    async with AsyncExitStack() as stack:
        store = await SqlStore.open(state)
        stack.push_async_callback(store.close)
        runbooks = checks.load(settings.checks, shared(settings))
        book = Book(
            runbooks=runbooks,
            remediations=remediations.load(),
            policy=policy(settings),
            sight=sight.runbook(store),
            others={
                **senders.runbooks(),
                beats.NAME: beat_look.runbook(store),
                review.NAME: review.runbook(runbooks),
            },
            beats={one.job: one.plan(settings.zone) for one in settings.beats},
            plans=plans(settings),
        )
        notifier = AdminNotifier(
            store=store, book=book, admins=settings.admins, clock=clock, wake=wake
        )
        memory = StoredMemory(store=store, clock=clock)
        outside = ShopMarkets(
            markets.slots(settings),
            memory=memory,
            clock=clock,
            resolver=Resolver(settings.second_resolver),
        )
        stack.push_async_callback(outside.aclose)
        letters = people.letters(settings, store, templates, clock=clock, wake=wake)
        stack.push_async_callback(letters.aclose)
        tools = replace(
            _tools(settings, stack, templates, memory, notifier, outside, redact),
            letters=letters,
        )
        metrics = Metrics()
        watch = Watch(
            store=store,
            tools=tools,
            book=book,
            clock=clock,
            wake=wake,
            timeout=timedelta(seconds=settings.check_timeout_sec),
            pulse=_pulse(settings, book),
            bound=Bounded(),
            observe=metrics.round,
        )
        yield Parts(
            settings=settings,
            templates=templates,
            store=store,
            tools=tools,
            book=book,
            cards=Cards(templates=templates, book=book),
            watch=watch,
            access=access(settings),
            metrics=metrics,
            redact=redact,
        )


def _pulse(settings: Settings, book: Book) -> Pulse:
    own = {name: runbook.every for name, runbook in book.runbooks.items()}
    usual = settings.check_interval_sec
    return Pulse(
        every={name: every.total_seconds() if every else usual for name, every in own.items()},
        limit=settings.check_timeout_sec,
        clock=time.monotonic,
    )


def _tools(  # noqa: PLR0913, PLR0917  # the whole outside world
    settings: Settings,
    stack: AsyncExitStack,
    templates: Templates,
    memory: StoredMemory,
    notifier: AdminNotifier,
    outside: ShopMarkets,
    redact: Redactor,
) -> ActionTools:
    url = settings.database_url.get_secret_value()
    shop = open_shop(url, sql=templates.sql, statement_seconds=settings.sql_timeout_sec)
    maintenance = open_maintenance(url)
    edits = open_edits(url, sql=templates.sql)
    archive = open_archive(url, archive_folder(settings), sql=templates.sql)
    token = settings.admin_token.get_secret_value() if settings.admin_token else None
    web = ShopWebApi(settings.web_api_url, token)
    services = open_services(
        settings.service_manager,
        {
            Service.BOT: settings.service_bot,
            Service.WEB: settings.service_web,
            Service.SCHEDULER: settings.service_scheduler,
            Service.SELF: settings.service_self,
        },
        settings.supervisor_url.get_secret_value() if settings.supervisor_url else None,
        looking=Looking(redact=redact.of_others, crontab_user=settings.crontab_user),
    )
    host = LocalHost(places(settings))
    prometheus = PrometheusServer(settings.prometheus_url) if settings.prometheus_url else None
    stack.push_async_callback(shop.close)
    stack.push_async_callback(maintenance.close)
    stack.push_async_callback(edits.close)
    stack.push_async_callback(archive.close)
    stack.push_async_callback(web.aclose)
    stack.push_async_callback(services.aclose)
    stack.push_async_callback(host.aclose)
    if prometheus:
        stack.push_async_callback(prometheus.aclose)
    return ActionTools(
        shop=shop,
        web=web,
        services=services,
        memory=memory,
        host=host,
        logs=services,
        configs=services,
        storage=shop,
        prometheus=prometheus,
        markets=outside,
        maintenance=maintenance,
        archives=archive,
        archive=archive,
        web_admin=web,
        control=services,
        notifier=notifier,
        jobs=_jobs(settings, stack, services.run_unit),
        edits=edits,
    )


def _jobs(
    settings: Settings, stack: AsyncExitStack, start_unit: Callable[[str], Awaitable[None]]
) -> ShopJobs:
    token = settings.admin_token.get_secret_value() if settings.admin_token else None
    jobs = ShopJobs(
        address=settings.web_api_url,
        token=token,
        recipes={"collect": settings.job_collect, "recalc": settings.job_recalc},
        start_unit=start_unit,
        seconds=settings.job_timeout_sec,
    )
    stack.push_async_callback(jobs.aclose)
    return jobs


def archive_folder(settings: Settings) -> Path:
    return settings.archive_dir or settings.state_path.parent / "archive"


def places(settings: Settings) -> dict[str, Path]:
    """What of ours lives on which disk."""
    found = {"state": settings.state_path.parent, "archive": archive_folder(settings)}
    address = parse(settings.database_url.get_secret_value())
    return {"shop": address.path.parent, **found} if isinstance(address, SqliteFile) else found
