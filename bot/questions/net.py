"""The way to the marketplaces and the web API: name, connection, TLS, answer."""

from collections.abc import Sequence

from bot.core.keyboard import Key
from bot.core.markets import Reach, Stage, Verdict
from bot.core.question import Asking, Command, Page
from bot.core.verbs import Verb

WELL = {Verdict.WORKS, Verdict.UNSET}


def command() -> Command:
    return Command(
        name="net",
        about="Network: are Wildberries, Ozon and the web API there",
        read=read,
        place=54,
        runbooks=[1, 2],
    )


async def read(asking: Asking) -> Page:
    reached = await asking.tools.markets.reach()
    return Page(
        template="answers/net.html.j2",
        values=shown(reached),
        keys=[[Key("Look again", Verb.ASK, "net"), Key("Check keys", Verb.ASK, "tokens live")]],
    )


def shown(reached: Sequence[Reach]) -> dict[str, object]:
    hosts = [{"reach": one, "well": well(one)} for one in reached]
    return {"hosts": hosts, "blame": blame(reached)}


def well(one: Reach) -> bool:
    return one.answer is not None and one.answer.verdict in WELL


def blame(reached: Sequence[Reach]) -> str:
    """One word for all of it: whose turn it is. Empty where all is well."""
    ill = [one for one in reached if not well(one)]
    if not ill:
        return ""
    stages = {one.path.stage for one in ill}
    if len(ill) == len(reached) > 1 and stages == {Stage.DNS}:
        return "all_dns"
    if len(ill) == len(reached) > 1 and stages == {Stage.NETWORK}:
        return "all_network"
    return "some"
