"""Tokens as Wildberries makes them, signed by nobody."""

import base64
import json
from datetime import datetime

STATS_READ_ONLY = 1 << 5 | 1 << 30
ALL = 16126  # what most tokens in the wild carry: everything up to Finance


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def jwt(**claims: object) -> str:
    return f"{_part({'alg': 'ES256', 'typ': 'JWT'})}.{_part(claims)}.c2lnbmF0dXJl"


def wb_token(ends: datetime, mask: int = ALL, **claims: object) -> str:
    return jwt(exp=int(ends.timestamp()), s=mask, **claims)
