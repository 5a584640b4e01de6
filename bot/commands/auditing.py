"""Who sees to it that alerts are shown, and where they go otherwise: from the settings."""

from datetime import timedelta

from bot.commands.build import Parts
from bot.edges.auditor import Auditor
from bot.edges.clock import utc_now
from bot.edges.fallback import Mail, WayOut, Webhook


def make_auditor(parts: Parts) -> Auditor:
    settings = parts.settings
    ways: list[WayOut] = []
    if settings.fallback_url is not None:
        ways.append(Webhook(url=settings.fallback_url.get_secret_value()))
    if settings.fallback_email is not None and settings.smtp_url is not None:
        smtp = settings.smtp_url.get_secret_value()
        ways.append(Mail(smtp_url=smtp, to=settings.fallback_email, templates=parts.templates))
    return Auditor(
        store=parts.store,
        line=parts.cards.alert_line,
        clock=utc_now,
        after=timedelta(seconds=settings.undelivered_after_sec),
        ways=ways,
    )
