"""A Telegram on 127.0.0.1: a Bot API, a control API and one chat page. See `control`, `server`."""

from demo.telegram.client import ControlClient, ControlError, NothingCame
from demo.telegram.server import Emulator
from demo.telegram.world import (
    ADMINS,
    ANN,
    BORIS,
    DEMO_TOKEN,
    SAM,
    SHOP_TEAM,
    VERA,
    Json,
    Person,
    Room,
    World,
    demo_world,
)

__all__ = [
    "ADMINS",
    "ANN",
    "BORIS",
    "DEMO_TOKEN",
    "SAM",
    "SHOP_TEAM",
    "VERA",
    "ControlClient",
    "ControlError",
    "Emulator",
    "Json",
    "NothingCame",
    "Person",
    "Room",
    "World",
    "demo_world",
]
