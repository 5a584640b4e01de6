"""Let the shop's database look at its data, so that it plans questions well.

Changes   the planner's statistics; a moment's work on most files.
Refuses   while somebody is writing.
"""

from bot.core.runbook import Remediation
from bot.remediations import _tidying


def remediation() -> Remediation:
    about = "Renew the shop database's statistics, with timings"
    return _tidying.remediation("analyze", "ANALYZE", about, 77, timed=True)
