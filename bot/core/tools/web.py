"""SoVAni's web API, and Prometheus."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.model import Facts


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a Prometheus exposition: `name{labels} value`."""

    name: str
    labels: Mapping[str, str]
    value: float


class WebApi(Protocol):
    """SoVAni's web API, as anybody may read it."""

    async def scrape(self, names: Collection[str]) -> Sequence[Sample]:
        """The samples of `/metrics` with these names (`_bucket`, `_count` … are names)."""
        ...

    async def metrics(self, part: str) -> Sequence[Sample]:
        """The samples whose name has this in it, a few thousand at most."""
        ...

    async def health(self) -> Facts:
        """`alive` in its own words, `ready` (None: it cannot say), `checks` by part.

        Raises `Unreadable` where it does not answer.
        """
        ...


class Prometheus(Protocol):
    async def query(self, promql: str) -> Sequence[Sample]: ...


class WebAdmin(Protocol):
    async def clear_cache(self) -> Facts:
        """Ask the web API to drop its caches. Raises `ActionFailed`."""
        ...
