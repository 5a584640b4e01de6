"""Which checks still complete their rounds, by a clock that nobody can set back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

ROUNDS = 3  # a check that misses so many of its intervals hangs
MARGIN = 5.0  # seconds a round may need beyond its limit, to be saved


@dataclass(kw_only=True)
class Pulse:
    """When each check last completed a round, in monotonic seconds.

    `every` is the interval of each check, `limit` the time a round may take. Written in the event
    loop, read by the watchdog's thread: each access is one operation on a dict, so no lock is
    needed.
    """

    every: Mapping[str, float]
    limit: float
    clock: Callable[[], float]
    _done: dict[str, float] = field(default_factory=dict)
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock()

    def beat(self, check: str) -> None:
        """A round of this check was completed and saved, whatever it saw."""
        self._done[check] = self.clock()

    def late(self) -> list[str]:
        """Checks that hang. One that uses up its whole time limit is slow, and says so itself."""
        now = self.clock()
        return sorted(
            check
            for check, every in self.every.items()
            if now - self._done.get(check, self._began) > self._patience(every)
        )

    def unseen(self) -> list[str]:
        """Checks that have not completed a round since the start."""
        return sorted(check for check in self.every if check not in self._done)

    def complete_since(self, moment: float) -> bool:
        """Whether every check has completed a round after `moment`."""
        return all(self._done.get(check, moment) > moment for check in self.every)

    def _patience(self, every: float) -> float:
        return max(ROUNDS * every, every + self.limit + MARGIN)


def no_pulse() -> Pulse:
    """For looks that nobody schedules, and so nobody misses."""
    return Pulse(every={}, limit=0.0, clock=lambda: 0.0)
