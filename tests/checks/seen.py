"""What people see of a check: `seen` in its test makes one, tests/snapshots keep the texts."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.model import Reading
from bot.core.tools import Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Findings as they usually are and as wide as they can be, and each subject when it is well.

    `tools` is the widest world there was: diagnoses are read from it.
    """

    usual: Sequence[Reading]
    widest: Sequence[Reading]
    well: Sequence[Reading]
    tools: Tools
