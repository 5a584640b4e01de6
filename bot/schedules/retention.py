"""What is older than it has to be kept, once a month; people decide whether it goes."""

from bot.core.model import Unreadable, phrase
from bot.core.planned import Turn
from bot.core.question import Asking
from bot.core.retention import Old
from bot.core.schedule import Deed, Scheduled, answer, posted, skipped


def schedule() -> Scheduled:
    return Scheduled(
        name="retention",
        title="Retention preview",
        about="Tells the admin chat what is older than RETENTION_DAYS, with the button that "
        "archives it; deletes nothing.",
        when="20 9 1 * *",
        work=work,
    )


async def work(asking: Asking, turn: Turn) -> Deed:
    """Where no table can be read it has failed, and is tried again."""
    page = await answer(asking, "retention")
    tables = page.values["tables"]
    found = [one for one in tables if isinstance(one, Old)] if isinstance(tables, list) else []
    if not found:
        return skipped(phrase("retention_off"))
    unread = [one.why for one in found if one.why is not None]
    if len(unread) == len(found):
        raise Unreadable(unread[0])
    if not any(one.rows or one.why for one in found):
        return skipped(phrase("retention_nothing"))
    return posted(asking, turn, page, admins=True)
