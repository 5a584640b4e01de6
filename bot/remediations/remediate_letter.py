"""Ask a marketplace by mail to pay what is due.

Changes   one mail to its support, once a decision.
Refuses   without a mail server, or when nothing is due and the balance is not below zero.
"""

from datetime import timedelta

from bot.core import owed
from bot.core.job import Job
from bot.core.letters import Letter, Whom
from bot.core.model import Facts, phrase
from bot.core.params import marketplace
from bot.core.runbook import Refused, Remediation
from bot.core.tools import ActionTools


def remediation() -> Remediation:
    return Remediation(
        name="remediate_letter",
        label="Send letter",
        target=lambda args: f"letter {args['marketplace']}",
        params=[marketplace()],
        preflight=preflight,
        act=act,
        timeout=timedelta(minutes=2),
        cooldown=timedelta(minutes=10),
        settle=timedelta(0),
        verified_by_check=False,
    )


async def preflight(tools: ActionTools, job: Job) -> Facts | Refused:
    to = Whom(job.word("marketplace"))
    ways = tools.letters.ways(to)
    if not ways:
        return Refused(phrase("letter_no_way", to=to))
    claim = await owed.claim(tools.shop, job.moment.today, to, tools.letters.payout_days)
    if not claim.due:
        return Refused(phrase("letter_nothing_due", to=to))
    return {**claim.facts, "to": ways[0]}


async def act(tools: ActionTools, job: Job) -> Facts:
    """What is sent is what was agreed to: the numbers of the question."""
    letter = Letter(
        to=Whom(job.word("marketplace")),
        template="letters/payout.txt.j2",
        values={"claim": job.before},
        key=job.key,
    )
    return await tools.letters.send(letter)
