"""Questions that are one SQL statement and a table, without a template of their own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.core.columns import Column, Kind
from bot.core.keyboard import Key
from bot.core.model import Role, Row, Scalar
from bot.core.paging import turn
from bot.core.params import Param, spoken
from bot.core.question import Asking, Command, Page
from bot.core.verbs import Verb

ON_A_PAGE: Final = 12
ON_A_PHONE: Final = 1_000  # rows that pages are turned through; a file has them all
IN_A_FILE: Final = 20_000  # what one question to the shop may answer
Binds = Callable[[Asking], Mapping[str, Scalar]]


def tabular(  # noqa: PLR0913  # what a question is made of, by name
    *,
    name: str,
    about: str,
    title: str,
    sql: str,
    columns: Sequence[Column],
    runbooks: Sequence[int] = (),
    params: Sequence[Param] = (),
    binds: Binds | None = None,
    needs: Mapping[str, Sequence[str]] | None = None,
    role: Role = Role.VIEWER,
    place: int = 68,
    listed: bool = False,
    rows_on_a_page: int = ON_A_PAGE,
    explains: bool = False,
    beside: Callable[[Asking], Sequence[Key]] | None = None,
) -> Command:
    """Make a command of a SQL template and the columns of its answer.

    The SQL is given the arguments as binds of their names, `:since` and `:until` where there is
    an argument `days`, and `:top`, the rows it may answer at most. `needs` names the tables and
    columns it uses; what is missing is named instead of an answer. `explains`: a button shows its
    query plan. `beside` are more buttons, such as the same question with other arguments.
    """

    async def rows(asking: Asking, top: int) -> Sequence[Row]:
        if needs:
            await asking.tools.shop.require(needs)
        given = (binds or usual_binds)(asking)
        return await asking.tools.shop.rows(sql, **given, top=top)

    async def read(asking: Asking) -> Page:
        found = await rows(asking, ON_A_PHONE + 1)
        page = table_page(
            asking, command, title=title, columns=columns, rows=found, size=rows_on_a_page
        )
        more = [*(beside(asking) if beside else ())]
        more += [plan_key(command, asking)] if explains else []
        return replace(page, keys=[*page.keys, more]) if more else page

    async def whole(asking: Asking) -> Sequence[Row]:
        return await rows(asking, IN_A_FILE)

    command = Command(
        name=name,
        about=about,
        read=read,
        table=whole,
        params=params,
        role=role,
        listed=listed,
        place=place,
        runbooks=runbooks,
        needs=needs or {},
    )
    return command


def plan_key(command: Command, asking: Asking) -> Key:
    """The button that shows the query plan of what was asked."""
    return Key(
        "Explain", Verb.ASK, f"explain {command.name} {spoken(command, asking.args)}".strip()
    )


def usual_binds(asking: Asking) -> dict[str, Scalar]:
    """The arguments, and the business days that an argument `days` spans: today's and before."""
    given: dict[str, Scalar] = dict(asking.args)
    for name, value in asking.args.items():
        if value in {"today", "yesterday"}:
            given[name] = asking.day(name).isoformat()
    if "days" in asking.args:
        given |= window(asking, asking.number("days"))
    return given


def window(asking: Asking, days: int) -> dict[str, str]:
    """`days` whole business days before today, and today."""
    today = asking.moment.today
    return {
        "since": (today - timedelta(days=days)).isoformat(),
        "until": (today + timedelta(days=1)).isoformat(),
    }


def table_page(  # noqa: PLR0913  # likewise
    asking: Asking,
    command: Command,
    *,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    size: int = ON_A_PAGE,
) -> Page:
    """One page of a table that is read anew for every page, turned by buttons."""
    shown = rows[:ON_A_PHONE]
    page = turn(asking.page, total=len(shown), size=size)
    said = f"{command.name} {spoken(command, asking.args)}".strip()
    turns = page.keys_through(said)
    return Page(
        template="answers/table.html.j2",
        values={
            "title": title,
            "columns": columns,
            "rows": page.of(shown),
            "total": len(shown),
            "more": len(rows) > ON_A_PHONE,
            "number": page.number,
            "count": page.count,
            "money": any(one.kind is Kind.MONEY for one in columns)
            and not any("₽" in one.title for one in columns),
        },
        keys=[turns] if turns else [],
        files=bool(rows),
    )
