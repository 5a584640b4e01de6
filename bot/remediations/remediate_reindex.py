"""Build all indexes of the shop's database anew.

Changes   the indexes; writers wait meanwhile, in rollback mode readers too.
Refuses   while somebody is writing; and while a job of the scheduler runs, or is due before the
          end: it would fail on the lock.
"""

from bot.core.runbook import Remediation
from bot.remediations import _tidying


def remediation() -> Remediation:
    about = "Build the shop database's indexes anew, with timings"
    return _tidying.remediation("reindex", "REINDEX", about, 76, timed=True)
