"""What a line of a runbook's page asks: an answer of its own, while the page stays."""

from bot.core import asking as through
from bot.core import guide
from bot.core.model import Unreadable, phrase
from bot.core.params import Param
from bot.core.question import Asking, Command, Page


def command() -> Command:
    return Command(
        name="look",
        about="What a button of a runbook's page asks",
        read=read,
        params=[
            Param(name="n", low=1),
            Param(name="alert", low=0),
            Param(name="question", rest=True),
        ],
        listed=False,
        apart=True,
        place=70,
    )


async def read(asking: Asking) -> Page:
    runbook, alerts = await guide.find(asking, asking.number("n"), asking.number("alert"))
    name, _, args = asking.word("question").partition(" ")
    for question in (runbook.diagnose, *runbook.questions):
        if question.name == name:
            facts = await question.read(asking.tools, asking.moment)
            return through.diagnosed(asking, question, facts, alerts[0] if alerts else None)
    command = asking.commands.get(name)
    if command is None:
        raise Unreadable(phrase("button_unknown"))
    if not command.permits(asking.who.role):
        raise Unreadable(phrase("role_too_low", role=asking.who.role, needed=command.role))
    page = await through.answer(command, through.told(asking, command, args))
    return through.for_alert(page, alerts[0]) if alerts else page
