"""Alerts and repairs of ours in SoVAni's own tables, for its dashboards and `/ops/alerts`."""

from bot.edges.mirror.loop import Mirror
from bot.edges.mirror.place import PLACE, Place, Trouble, trouble_of

__all__ = ["PLACE", "Mirror", "Place", "Trouble", "trouble_of"]
