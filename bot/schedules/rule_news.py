"""Marketplaces announce new commissions on their news pages, which only people can read."""

from bot.core.keyboard import Key
from bot.core.planned import Turn
from bot.core.question import Asking, Page
from bot.core.schedule import Deed, Scheduled, posted
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
    page = Page(template="answers/rule_news.html.j2", values={"news": NEWS}, keys=[rules])
    return posted(asking, turn, page)
