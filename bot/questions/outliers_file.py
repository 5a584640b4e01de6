"""All outliers of some days in one file, for work at a desk."""

from bot.core.model import Unreadable, phrase
from bot.core.question import Asking, Command, Page, Param, Sheet, Table
from bot.questions.outliers import DAYS, rows, window

MOST = 20_000  # rows: what one question to the shop may answer


def command() -> Command:
    return Command(
        name="outliers_file",
        about="All outliers as a file",
        read=read,
        params=[
            DAYS,
            Param(name="format", default=Sheet.XLSX, words=[kind.value for kind in Sheet]),
        ],
        listed=False,
        place=51,
    )


async def read(asking: Asking) -> Page:
    days = asking.number("days")
    await asking.tools.shop.require(asking.book.runbooks["check_commission_outliers"].needs)
    found = await rows(asking, days, top=MOST)
    if not found:
        raise Unreadable(phrase("outliers_none", days=days))
    since = window(asking.moment, days)["since"]
    return Page(
        template="answers/outliers_file.html.j2",
        values={"days": days, "rows": len(found), "most": MOST},
        table=Table(
            name=f"outliers-{since}-{asking.moment.today.isoformat()}",
            rows=found,
            sheet=Sheet(str(asking.args["format"])),
        ),
    )
