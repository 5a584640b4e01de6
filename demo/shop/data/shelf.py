"""Names and prices that the catalog is made of."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """What a marketplace takes: per cent of the revenue and roubles a piece."""

    pct: float
    fixed: float


@dataclass(frozen=True, slots=True)
class Category:
    code: str
    rates: Mapping[str, Rate]


def _category(code: str, wb: float, ozon: float) -> Category:
    return Category(code, {"WB": Rate(wb, 0.0), "OZON": Rate(ozon, 5.0)})


CATEGORIES: Mapping[str, Category] = {
    "Electronics": _category("EL", 11.0, 10.0),
    "Clothing": _category("CL", 17.0, 16.0),
    "Shoes": _category("SH", 16.0, 15.0),
    "Home": _category("HO", 15.0, 13.0),
    "Beauty": _category("BE", 14.0, 12.0),
    "Toys": _category("TO", 14.5, 13.5),
    "Sports": _category("SP", 13.0, 12.5),
    "Kitchen": _category("KI", 15.5, 14.0),
}

BRANDS = ("Sova", "Lesnoy Dom", "Polyana", "Nord&Co", "Yasno", "Teplo", "Ritm", "Ulitka")

# marketplace, code (its end is the channel), name, region
WAREHOUSES = (
    ("WB", "WB-507-FBO", "Koledino", "Moscow region"),
    ("WB", "WB-117986-FBO", "Kazan", "Tatarstan"),
    ("WB", "WB-OWN-FBS", "Own warehouse (WB)", "Tver"),
    ("OZON", "OZ-KHOR-FBO", "Khorugvino", "Moscow region"),
    ("OZON", "OZ-SPB-FBO", "Saint Petersburg", "Leningrad region"),
    ("OZON", "OZ-OWN-FBS", "Own warehouse (Ozon)", "Tver"),
)
