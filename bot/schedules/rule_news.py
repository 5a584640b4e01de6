"""Marketplaces announce new commissions on their news pages, which only people can read."""

from collections.abc import Mapping

from bot.core.keyboard import Key
from bot.core.model import Unreadable
from bot.core.planned import Turn
from bot.core.question import Asking, Page
from bot.core.schedule import Deed, Scheduled, answer, posted
from bot.core.verbs import Verb

NEWS = {
    "Wildberries": "https://seller.wildberries.ru/news",
    "Ozon": "https://seller.ozon.ru/news",
}


def schedule() -> Scheduled:
    return Scheduled(
        name="rule_news",
        title="Rule changes",
        about="Reminds the alert chats to look for announced commission changes, with links.",
        when="0 10 * * 3",
        work=work,
    )


async def work(asking: Asking, turn: Turn) -> Deed:
    rules = [Key(f"{name} rules", Verb.ASK, f"rules {name}") for name in ("WB", "OZON")]
    values: dict[str, object] = {"news": NEWS, "rules": None, "differ": 0}
    seen = await _compared(asking)
    if seen is not None:
        rules.append(Key("WB tariffs", Verb.ASK, "tariffs"))
        values |= {"rules": seen["rules"], "differ": seen["differ"]}
    page = Page(template="answers/rule_news.html.j2", values=values, keys=[rules])
    return posted(asking, turn, page)


async def _compared(asking: Asking) -> Mapping[str, object] | None:
    """None where the tariffs or the rules cannot be read: the reminder is worth sending alone."""
    try:
        values = (await answer(asking, "tariffs")).values
    except Unreadable:
        return None
    return values if values["answer"] is None else None
