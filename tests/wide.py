# ruff: noqa: RUF001  # Cyrillic is what the shops of these marketplaces have
"""The widest values that a real shop may have, and signs that mean something in HTML."""

MARKET = "ЯНДЕКС МАРКЕТ"
CATEGORY = "Мебель для дома, дачи и сада: столы & <стулья>, кресла, полки, 64"
JOB = "пересчёт_показателей_за_последние_дни_<всех>_магазинов"
SUM = 123_456_789_012.49


def article(number: int) -> str:
    """Forty characters."""
    return f"АРТ-{number}-<&>-ОЧЕНЬ-ДЛИННЫЙ-anthracite".ljust(40, "-")
