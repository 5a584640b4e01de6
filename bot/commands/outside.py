"""Opens the outside world: database, web API, services and the machine, from the settings."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from bot.core.notifier import AdminNotifier
from bot.core.tools import ActionTools, Service
from bot.edges.archive import open_archive
from bot.edges.host import LocalHost
from bot.edges.jobs import ShopJobs
from bot.edges.markets import ShopMarkets
from bot.edges.memory import StoredMemory
from bot.edges.prometheus import PrometheusServer
from bot.edges.redact import Redactor
from bot.edges.services import open_services
from bot.edges.services.common import Looking
from bot.edges.shop import open_edits, open_maintenance, open_shop
from bot.edges.shop.address import SqliteFile, parse
from bot.edges.templates import Templates
from bot.edges.webapi import ShopWebApi
from bot.settings import Settings


def open_outside(  # noqa: PLR0913, PLR0917  # the whole outside world
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
        missed={one.job: one for one in settings.missed_jobs},
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
