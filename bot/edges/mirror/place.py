"""How far the mirror has come, and what keeps it: two values in the state database."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from bot.core.model import Json, Phrase
from bot.edges.store.rows import from_phrase, to_phrase

PLACE: Final = "mirror"
TROUBLE: Final = "mirror:trouble"


@dataclass(frozen=True, slots=True)
class Place:
    """The last row of history and the last run that SoVAni's tables have, with all before."""

    history: int
    runs: int

    @property
    def kept(self) -> Json:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Trouble:
    why: Phrase
    since: datetime

    @property
    def kept(self) -> Json:
        return {"why": from_phrase(self.why), "since": self.since.isoformat()}


def place_of(kept: Json) -> Place | None:
    return Place(**kept) if isinstance(kept, dict) else None


def trouble_of(kept: Json) -> Trouble | None:
    if not isinstance(kept, Mapping):
        return None
    why = to_phrase(dict(kept["why"]))  # type: ignore[arg-type]  # as it was kept above
    assert why is not None  # noqa: S101  # likewise
    return Trouble(why, datetime.fromisoformat(str(kept["since"])))
