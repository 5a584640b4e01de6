"""How a check's own figures tell whether a repair has helped: before it, and counted since."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.core.model import Facts, Moment, Reading
from bot.core.tools import Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a check offers to a repair that is judged by figures and not by the alert's end.

    `before` gives facts of the check's window, none where nothing is known yet. `begin` lets the
    figures begin anew, the check's too. `since` judges what came since then, so many seconds
    ago; its reading is unknown where too little came. `sure` says whether more need not be
    waited for. `seconds` is the longest that is waited. All may raise `Unreadable`.
    """

    seconds: float
    before: Callable[[Tools, Moment], Awaitable[Facts]]
    begin: Callable[[Tools, Moment], Awaitable[None]]
    since: Callable[[Tools, Moment, float], Awaitable[Reading]]
    sure: Callable[[Reading], bool]
