"""The marketplaces' keys, from the settings."""

from pydantic import SecretStr

from bot.core.markets import Market
from bot.core.wb_token import Category
from bot.edges.markets.keys import Slot
from bot.settings import Settings

_STATS = (Category.STATISTICS,)


def slots(settings: Settings) -> list[Slot]:
    """Every key there can be, set or not, in the order people look for them."""
    return [*_wildberries(settings), *_ozon(settings), *_web_api(settings)]


def _wildberries(settings: Settings) -> list[Slot]:
    return [
        _wb("WB_STATS_TOKEN", settings.wb_stats_token, settings.wb_api_url, _STATS, main=True),
        _wb(
            "WB_STATS_TOKEN_BACKUP",
            settings.wb_stats_token_backup,
            settings.wb_api_url,
            _STATS,
            spare=True,
        ),
        _wb(
            "WB_FEEDBACKS_TOKEN",
            settings.wb_feedbacks_token,
            settings.wb_feedbacks_api_url,
            (Category.FEEDBACKS,),
        ),
        _wb("WB_ADS_TOKEN", settings.wb_ads_token, settings.wb_ads_api_url, (Category.PROMOTION,)),
        _wb(
            "WB_SUPPLY_TOKEN",
            settings.wb_supply_token,
            settings.wb_supply_api_url,
            (Category.SUPPLIES, Category.MARKETPLACE),
        ),
        _wb(
            "WB_ANALYTICS_TOKEN",
            settings.wb_analytics_token,
            settings.wb_analytics_api_url,
            (Category.ANALYTICS,),
        ),
        _wb(
            "WB_CONTENT_TOKEN",
            settings.wb_content_token,
            settings.wb_content_api_url,
            (Category.CONTENT,),
        ),
    ]


def _wb(  # noqa: PLR0913  # a key is all of these
    name: str,
    secret: SecretStr | None,
    url: str,
    opens: tuple[Category, ...],
    *,
    main: bool = False,
    spare: bool = False,
) -> Slot:
    return Slot(
        name=name,
        market=Market.WILDBERRIES,
        secret=_secret(secret),
        url=url,
        opens=opens,
        main=main,
        spare=spare,
    )


def _ozon(settings: Settings) -> list[Slot]:
    """Both keys go with one client id, which is no secret but no business of a chat's either."""
    keys = (
        ("OZON_API_KEY_ADMIN", settings.ozon_api_key_admin),
        ("OZON_API_KEY_ADMIN_BACKUP", settings.ozon_api_key_admin_backup),
    )
    pairs = [
        Slot(
            name=name,
            market=Market.OZON,
            secret=_secret(key),
            url=settings.ozon_api_url,
            client=settings.ozon_client_id,
            main=name == "OZON_API_KEY_ADMIN",
            spare=name != "OZON_API_KEY_ADMIN",
        )
        for name, key in keys
    ]
    client = Slot(name="OZON_CLIENT_ID", market=Market.OZON, secret=settings.ozon_client_id)
    return [client, *pairs]


def _web_api(settings: Settings) -> list[Slot]:
    url = settings.web_api_url
    return [
        Slot(name="ADMIN_TOKEN", market=Market.WEB_API, secret=_secret(settings.admin_token)),
        Slot(name="WEB_API_URL", market=Market.WEB_API, secret=None, url=url, main=True),
    ]


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value is not None else None
