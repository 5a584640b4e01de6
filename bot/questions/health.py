"""What the web API says of itself."""

from collections.abc import Mapping

from bot.core.keyboard import Key
from bot.core.question import Asking, Command, Page
from bot.core.verbs import Verb
from bot.questions._doing import running

WELL = {"ok", "healthy", "true", "pass", "up"}


def command() -> Command:
    return Command(
        name="health",
        about="The web API: alive, ready, and its parts",
        read=read,
        place=56,
        runbooks=[1],
    )


async def read(asking: Asking) -> Page:
    said = await asking.tools.web.health()
    checks = said["checks"]
    parts = checks if isinstance(checks, Mapping) else {}
    return Page(
        template="answers/health.html.j2",
        values={
            "alive": said["alive"],
            "ready": said["ready"],
            "off": [one for one in asking.book.runbooks.values() if not one.enabled],
            "well": said["ready"] is not False and str(said["alive"]).lower() in WELL,
            "parts": [
                {"name": name, "said": str(said), "well": str(said).lower() in WELL}
                for name, said in parts.items()
            ],
        },
        keys=[
            [Key("Look again", Verb.ASK, "health"), Key("Network", Verb.ASK, "net")],
            [Key("Users complain", Verb.COMPLAIN)],
            *running(asking),
        ],
    )
