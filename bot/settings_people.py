"""People outside the chats: who is written to, and whom to call."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from bot.core.contacts import Contact, parse

ADDRESS = re.compile(r"[^@\s,<>]+@[^@\s,<>]+")


def _contacts(value: object) -> object:
    return parse(value) if isinstance(value, str) else value


Contacts = Annotated[tuple[Contact, ...], NoDecode, BeforeValidator(_contacts)]


class PeopleSettings(BaseSettings):
    finance_email: str | None = Field(
        default=None,
        description="Where `Notify finance` writes, with the tables as XLSX; needs `SMTP_URL`.",
        examples=["finance@company.com"],
    )
    finance_chat_id: int | None = Field(
        default=None,
        description="A chat for the same, with the tables as text and as XLSX; "
        "also beside the mail.",
        examples=["-1001234567890"],
    )
    wb_support_email: str = Field(
        default="support@wildberries.ru",
        description="Where payout letters to Wildberries go; needs `SMTP_URL`.",
    )
    ozon_support_email: str = Field(
        default="seller@ozon.ru", description="Where payout letters to Ozon go; needs `SMTP_URL`."
    )
    contacts: Contacts = Field(
        default=(),
        description="Whom to call: role = ways, by semicolon. `/contacts` adds the admins, who is "
        "on duty, finance and the marketplaces' support where they are not named here.",
        examples=["System admin=@username; DevOps on-call=oncall@company.com, +7 900 000-00-00"],
    )

    @field_validator("finance_email", "wb_support_email", "ozon_support_email")
    @classmethod
    def _address_has_its_form(cls, value: str | None) -> str | None:
        if value is not None and not ADDRESS.fullmatch(value):
            raise ValueError("is not one mail address, such as finance@example.com")
        return value
