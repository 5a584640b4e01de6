"""How long a question to the shop's database may take, and how much it may answer."""

from dataclasses import dataclass

LAST_NET = 0.2  # seconds after which a statement that ignored its own limit is interrupted


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`busy_seconds` is how long to wait for another program's lock."""

    statement_seconds: float = 5.0
    busy_seconds: float = 1.5
    max_rows: int = 20_000

    @property
    def whole_seconds(self) -> float:
        return self.busy_seconds + self.statement_seconds + LAST_NET
