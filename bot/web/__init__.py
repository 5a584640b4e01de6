"""The HTTP API: health, operations, incoming alerts. `endpoints` is all that it offers."""

from functools import cache

from bot.web import actions, alerts, health, ops, pages, reading, runbooks, runs, todo
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint
from bot.web.incoming import beating
from bot.web.incoming import endpoints as incoming
from bot.web.openapi import Json, document


def endpoints(context: Context) -> list[AnyEndpoint]:
    """Every endpoint, documented by the same declaration that serves it."""
    found: list[AnyEndpoint] = []

    @cache
    def described(version: str) -> Json:
        return document(found, version)

    found += [
        *health.endpoints(context),
        *ops.endpoints(context),
        *alerts.endpoints(context),
        *todo.endpoints(context),
        *actions.endpoints(context),
        *runs.endpoints(context),
        *reading.endpoints(context),
        *runbooks.endpoints(context),
        *incoming.endpoints(context),
        *beating.endpoints(context),
        *pages.endpoints(context, described),
    ]
    return found
