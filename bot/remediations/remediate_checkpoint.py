"""Move the write-ahead log into the shop's database file, and cut it.

Changes   nothing of the data; the log gives its space back.
Refuses   while somebody is writing.
"""

from bot.core.runbook import Remediation
from bot.remediations import _tidying


def remediation() -> Remediation:
    about = "Move the shop database's log into its file"
    return _tidying.remediation("checkpoint", "Checkpoint", about, 78, timed=False)
