"""People outside the chats: letters and contacts, from the settings."""

from collections.abc import Callable
from datetime import datetime

from bot.core.contacts import Contact
from bot.core.letters import Whom
from bot.core.ports import Store, Wake
from bot.edges.letters import OutgoingLetters
from bot.edges.smtp import Smtp
from bot.edges.templates import Templates
from bot.settings import Settings


def letters(
    settings: Settings,
    store: Store,
    templates: Templates,
    *,
    clock: Callable[[], datetime],
    wake: Wake,
) -> OutgoingLetters:
    addresses = {Whom(name): address for name, address in supports(settings).items()}
    if settings.finance_email is not None:
        addresses[Whom.FINANCE] = settings.finance_email
    smtp, chat = settings.smtp_url, settings.finance_chat_id
    return OutgoingLetters(
        store=store,
        templates=templates,
        addresses=addresses,
        chats={} if chat is None else {Whom.FINANCE: chat},
        payout_days=settings.cf_default_settlement_lag_days,
        clock=clock,
        wake=wake,
        smtp=None if smtp is None else Smtp(url=smtp.get_secret_value()),
    )


def supports(settings: Settings) -> dict[str, str]:
    return {Whom.WB: settings.wb_support_email, Whom.OZON: settings.ozon_support_email}


def known(settings: Settings) -> list[Contact]:
    """Contacts that other settings name already."""
    finance = [Contact("Finance", (settings.finance_email,))] if settings.finance_email else []
    return [
        *finance,
        Contact("WB support", (settings.wb_support_email,)),
        Contact("Ozon support", (settings.ozon_support_email,)),
    ]
