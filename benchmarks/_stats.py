"""Figures of repeated measurements. Pure."""

import math
from collections.abc import Sequence


def quantile(share: float, values: Sequence[float]) -> float:
    """The smallest value that at least this share of all do not exceed."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def p99(values: Sequence[float]) -> float:
    return quantile(0.99, values)
