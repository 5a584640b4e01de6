"""What the shop's processes are told through the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from demo.shop.schedule import parse_schedule

_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`session_lost` is a file: while it is there, the collector's Wildberries session is dead."""

    database: Path
    zone: ZoneInfo
    admin_token: str
    web_port: int
    jobs: Mapping[str, str]
    session_lost: Path
    auto_remediation: bool
    traffic: float  # requests a second that the shop's people make


def from_environment(env: Mapping[str, str]) -> Settings:
    url = env["DATABASE_URL"]
    if not url.startswith(_SQLITE):
        raise ValueError(f"DATABASE_URL={url}: the demo shop lives in sqlite:///FILE")
    database = Path(url.removeprefix(_SQLITE))
    return Settings(
        database=database,
        zone=ZoneInfo(env.get("APP_TIMEZONE", "Europe/Moscow")),
        admin_token=env.get("ADMIN_TOKEN", ""),
        web_port=int(env.get("DEMO_WEB_PORT", "8000")),
        jobs=parse_schedule(env.get("DEMO_JOBS")),
        session_lost=database.with_name("wb-session-lost"),
        auto_remediation=env.get("AUTO_REMEDIATION_ENABLED", "true").lower() == "true",
        traffic=float(env.get("DEMO_TRAFFIC_RPS", "10")),
    )
