"""Marketplaces on a bad day, with all that can be wrong at once."""

from dataclasses import replace
from datetime import timedelta

from bot.core.markets import Answer, Echo, Key, Market, Path, Reach, Stage, Verdict
from bot.core.model import phrase
from tests.conftest import NOON

ALL = ["Content", "Analytics", "Prices", "Marketplace", "Statistics", "Promotion", "Feedbacks"]
WB = Key(
    name="WB_STATS_TOKEN",
    market=Market.WILDBERRIES,
    is_set=True,
    fingerprint="a1b2c3",
    expires=NOON + timedelta(days=5, hours=1),
    scopes=ALL,
    read_only=True,
    wanted="Statistics",
)
KEYS = [
    WB,
    replace(WB, name="WB_STATS_TOKEN_BACKUP", expires=NOON + timedelta(days=179), spare=True),
    replace(
        WB,
        name="WB_FEEDBACKS_TOKEN",
        expires=NOON - timedelta(days=3),
        scopes=["Feedbacks"],
        flaw=Verdict.EXPIRED,
    ),
    replace(WB, name="WB_ADS_TOKEN", is_set=False),
    replace(WB, name="WB_SUPPLY_TOKEN", scopes=[], expires=None, flaw=Verdict.MALFORMED),
    replace(
        WB,
        name="WB_ANALYTICS_TOKEN",
        scopes=["Content"],
        wanted="Analytics",
        flaw=Verdict.WRONG_CATEGORY,
    ),
    replace(WB, name="WB_CONTENT_TOKEN", sandbox=True),
    Key(name="OZON_CLIENT_ID", market=Market.OZON, is_set=True, fingerprint="0b1c2d"),
    Key(name="OZON_API_KEY_ADMIN", market=Market.OZON, is_set=True, fingerprint="d4e5f6"),
    Key(name="OZON_API_KEY_ADMIN_BACKUP", market=Market.OZON, is_set=False, spare=True),
    Key(name="ADMIN_TOKEN", market=Market.WEB_API, is_set=True, fingerprint="778899"),
]
WELL = Answer(at=NOON, verdict=Verdict.WORKS, status=200, ms=123)
PAUSE = NOON + timedelta(minutes=5)
SCOPE = "token scope not allowed; see <https://dev.example>"
ANSWERS = {
    "WB_STATS_TOKEN": WELL,
    "WB_STATS_TOKEN_BACKUP": replace(WELL, verdict=Verdict.LIMITED, status=429, until=PAUSE),
    "WB_FEEDBACKS_TOKEN": replace(WELL, verdict=Verdict.EXPIRED, status=401, said="token expired"),
    "WB_SUPPLY_TOKEN": replace(WELL, verdict=Verdict.MALFORMED, status=401),
    "WB_ANALYTICS_TOKEN": replace(WELL, verdict=Verdict.WRONG_CATEGORY, status=401, said=SCOPE),
    "WB_CONTENT_TOKEN": replace(
        WELL,
        verdict=Verdict.NETWORK,
        status=None,
        why=phrase("http_refused", where="https://content-api.wildberries.ru/ping"),
    ),
    "OZON_API_KEY_ADMIN": replace(WELL, verdict=Verdict.THEIR_SIDE, status=503),
    "ADMIN_TOKEN": replace(WELL, verdict=Verdict.UNTRIED, status=None),
}
WAY = Path(
    host="statistics-api.wildberries.ru",
    stage=Stage.HTTP,
    addresses=2,
    dns_ms=12.4,
    connect_ms=3010.0,
    tls_ms=2948.9,
    certificate_until=NOON + timedelta(days=60),
    echo=Echo(sent=3, back_ms=[1234.5, 980.1]),
)
WAYS = [
    Reach(market=Market.WILDBERRIES, path=WAY, answer=ANSWERS["WB_STATS_TOKEN_BACKUP"]),
    Reach(
        market=Market.OZON,
        path=Path(
            host="api-seller.ozon.ru", stage=Stage.DNS, why=phrase("net_dns_unknown"), second=True
        ),
    ),
    Reach(
        market=Market.WEB_API,
        path=Path(host="localhost", stage=Stage.HTTP, dns_ms=0.1, connect_ms=0.2),
        answer=replace(WELL, ms=3.2),
    ),
]
