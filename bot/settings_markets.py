"""The settings of marketplaces: their keys, their hosts, and a second resolver."""

from ipaddress import ip_address
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from bot.settings_types import Url

_TOKEN = "eyJhbGciOi…"  # noqa: S105  # the beginning that all of them share


def _wb(what: str) -> SecretStr | None:
    found: SecretStr | None = Field(
        default=None, description=f"Wildberries token: {what}.", examples=[_TOKEN]
    )
    return found


class MarketSettings(BaseSettings):
    wb_stats_token: SecretStr | None = _wb("Statistics, what the collector reads; see /tokens")
    wb_stats_token_backup: SecretStr | None = _wb(
        "a spare for `WB_STATS_TOKEN`; watched like the first one, put in place by a person"
    )
    wb_feedbacks_token: SecretStr | None = _wb("Feedbacks")
    wb_ads_token: SecretStr | None = _wb("Promotion")
    wb_supply_token: SecretStr | None = _wb("Supplies")
    wb_analytics_token: SecretStr | None = _wb("Analytics")
    wb_content_token: SecretStr | None = _wb("Content")
    ozon_client_id: str | None = Field(
        default=None, description="Ozon client id; see /tokens.", examples=["12345"]
    )
    ozon_api_key_admin: SecretStr | None = Field(
        default=None, description="Ozon API key; see /tokens.", examples=["0a1b2c3d-…"]
    )
    ozon_api_key_admin_backup: SecretStr | None = Field(
        default=None,
        description="A spare Ozon API key of the same client id; put in place by a person.",
        examples=["4e5f6a7b-…"],
    )
    wb_api_url: Url = Field(
        default="https://statistics-api.wildberries.ru", description="Wildberries' API host."
    )
    wb_feedbacks_api_url: Url = Field(
        default="https://feedbacks-api.wildberries.ru", description="Its host for feedbacks."
    )
    wb_ads_api_url: Url = Field(
        default="https://advert-api.wildberries.ru", description="Its host for promotion."
    )
    wb_supply_api_url: Url = Field(
        default="https://supplies-api.wildberries.ru",
        description="Its host for supplies. Where the token is of the category Marketplace: "
        "`https://marketplace-api.wildberries.ru`.",
    )
    wb_analytics_api_url: Url = Field(
        default="https://seller-analytics-api.wildberries.ru",
        description="Its host for analytics.",
    )
    wb_content_api_url: Url = Field(
        default="https://content-api.wildberries.ru", description="Its host for content."
    )
    wb_common_api_url: Url = Field(
        default="https://common-api.wildberries.ru",
        description="Its host for commission tariffs; see /tariffs. Any of its tokens will do.",
    )
    wb_commission_field: Literal[
        "paidStorageKgvp",
        "kgvpMarketplace",
        "kgvpSupplier",
        "kgvpSupplierExpress",
        "kgvpPickup",
        "kgvpBooking",
    ] = Field(
        default="paidStorageKgvp",
        description="Which of its tariffs the shop's rules are compared with: `paidStorageKgvp` "
        "is for sales from its warehouses (FBO, FBW), `kgvpMarketplace` for FBS, `kgvpSupplier` "
        "for DBS.",
    )
    ozon_api_url: Url = Field(default="https://api-seller.ozon.ru", description="Ozon's API host.")
    second_resolver: str = Field(
        default="77.88.8.8",
        description="DNS server that `/net` asks where this host's own does not know a name; "
        "empty for none.",
    )

    @field_validator("second_resolver")
    @classmethod
    def _resolver_is_an_address(cls, value: str) -> str:
        where, colon, port = value.partition(":")
        whole = value if colon and not port.isdigit() else where
        if value:
            try:
                ip_address(whole)
            except ValueError as error:
                raise ValueError("is not an IP address, such as 77.88.8.8") from error
        return value
