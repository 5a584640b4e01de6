"""Things that go wrong on purpose: refusals, lost answers, slowness, an outage."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from demo.telegram.world import Json

FaultKind = Literal["refuse", "drop_before", "drop_after", "latency", "html"]
KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass(slots=True)
class Fault:
    """One fault, for the next `times` matching calls (None: until cleared)."""

    kind: FaultKind = "refuse"
    method: str = "*"
    chat_id: int | None = None
    times: int | None = 1
    status: int = 400
    description: str = "Bad Request"
    parameters: Json = field(default_factory=dict)
    seconds: float = 0.0
    hits: int = 0

    def matches(self, method: str, chat_id: str) -> bool:
        if self.times is not None and self.hits >= self.times:
            return False
        if self.method not in {"*", method.lower()}:
            return False
        return self.chat_id is None or str(self.chat_id) == chat_id

    def as_json(self) -> Json:
        return {
            "kind": self.kind,
            "method": self.method,
            "chat_id": self.chat_id,
            "times": self.times,
            "hits": self.hits,
        }


class FaultError(ValueError):
    """The fault asked for cannot be made; the text says why."""


def fault_from(raw: Json) -> Fault:
    if raw.get("kind", "refuse") not in KINDS:
        raise FaultError(f"kind must be one of {', '.join(KINDS)}")
    try:
        fault = Fault(**{key: value for key, value in raw.items() if key != "hits"})
    except TypeError as error:
        raise FaultError(str(error)) from error
    fault.method = fault.method.lower()
    return fault


@dataclass(slots=True)
class Faults:
    outage: bool = False
    planned: list[Fault] = field(default_factory=list)

    def take(self, method: str, chat_id: str) -> Fault | None:
        """Return the fault that meets this call and count the hit. getUpdates only by name."""
        for fault in self.planned:
            if method == "getupdates" and fault.method == "*":
                continue
            if fault.matches(method, chat_id):
                fault.hits += 1
                return fault
        return None
