"""A picture or a table comes under its message, once, whatever happens in between."""

import asyncio
import math
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from typing import Any

import aiohttp
from openpyxl import load_workbook  # type: ignore[import-untyped]  # it ships no types

from bot.core import enclosed, reports
from bot.core.model import Facts, phrase
from bot.core.question import Chart, Page, Table
from bot.core.records import Post, PostKind, PostState
from bot.edges.telegram.api import File
from bot.edges.telegram.enclosures import Enclosures
from bot.settings_types import ChatRef
from demo.telegram import SHOP_TEAM
from demo.telegram.world import Json
from tests.edges.telegram.office import Office

CHART = Chart(
    title=phrase("chart_growth", days=3),
    unit="MB",
    days=["2026-11-21", "2026-11-22", "2026-11-23"],
    lines={"chart_size": [1.0, math.nan, 3.0]},
    limit=5.0,
)
TABLE = Table(name="cash-2026-11-23", rows=[{"day": "2026-11-22", "balance_rub": -15_000.0}])
PAGE = Page(template="", values={}, chart=CHART)


async def queue(office: Office, page: Page = PAGE) -> None:
    now, place = office.clock(), ChatRef(SHOP_TEAM)
    await office.store.write(
        lambda tx: reports.post(tx, place, page, "<b>The week</b>", "week", now)
    )


def kept(one: enclosed.Enclosed) -> Facts:
    files = enclosed.kept([one])["files"]
    assert isinstance(files, list)
    return dict(files[0])


async def files(office: Office) -> list[Post]:
    def read(tx: Any) -> list[Post]:  # noqa: ANN401  # a transaction
        found = [tx.posts.get(number) for number in range(1, 9)]
        return [post for post in found if post and post.kind is PostKind.FILE]

    return await office.store.read(read)


def pictures(messages: list[Json]) -> list[Json]:
    return [one for one in messages if one["photo"]]


async def test_a_report_has_its_picture_under_it_once_and_silently(office: Office) -> None:
    await queue(office)
    await office.deliver()
    await office.deliver()
    text, picture = await office.chat()
    assert text["text"] == "The week"
    assert picture["photo"]["width"] == 1080
    assert picture["reply_to"]["message_id"] == text["message_id"]
    assert picture["silent"]
    [post] = await files(office)
    assert (post.state, post.context) == (PostState.SHOWN, {})


class Hanging(Enclosures):
    """Draws for ever: time enough to end the process."""

    async def made(self, context: Facts) -> File:
        del context
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_process_that_ends_after_the_text_leaves_the_picture_to_the_next(
    office: Office,
) -> None:
    await queue(office)
    office.courier.enclosures = Hanging(say=str)
    with suppress(TimeoutError):
        await office.deliver(0.3)
    assert len(await office.chat()) == 1
    await office.tasks.close(0)
    office.start_anew()
    await office.courier.recover()
    await office.deliver()
    assert [bool(one["photo"]) for one in await office.chat()] == [False, True]


async def test_one_that_ended_in_the_middle_of_sending_says_that_it_comes_again(
    office: Office,
) -> None:
    await queue(office)
    await office.deliver()
    [post] = await files(office)
    claimed = replace(post, state=PostState.SENDING, message_id=None, shown=0, context=kept(CHART))
    await office.store.write(lambda tx: tx.posts.save(claimed))
    office.start_anew()
    await office.courier.recover()
    await office.deliver()
    first, second = pictures(await office.chat())
    assert (first["text"], second["text"]) == ("", "(sent again: the first answer was lost)")


async def test_a_lost_answer_is_the_only_double_and_says_so(office: Office) -> None:
    await queue(office)
    await office.phone.fault(kind="drop_after", method="sendPhoto")
    await office.deliver()
    office.clock.forward(seconds=31)
    await office.deliver()
    first, second = pictures(await office.chat())
    assert first["text"] == ""
    assert second["text"] == "(sent again: the first answer was lost)"


async def test_a_picture_that_is_refused_becomes_a_sentence_and_the_chat_lives(
    office: Office,
) -> None:
    await queue(office)
    refusal = "Bad Request: not enough rights to send photos to the chat"
    await office.phone.fault(method="sendPhoto", description=refusal, times=None)
    await office.deliver()
    _, sentence = await office.chat()
    assert sentence["text"].startswith("The chart could not be sent here")
    assert await office.broken() == {}


async def test_a_picture_that_cannot_be_drawn_becomes_a_sentence(office: Office) -> None:
    await queue(office, replace(PAGE, chart=replace(CHART, lines={"no_such_phrase": [1.0]})))
    await office.deliver()
    _, sentence = await office.chat()
    assert sentence["text"].startswith("The chart could not be sent here")


async def test_told_to_wait_it_comes_once_after_that(office: Office) -> None:
    await queue(office)
    await office.phone.fault(
        method="sendPhoto",
        status=429,
        description="Too Many Requests: retry after 7",
        parameters={"retry_after": 7},
    )
    await office.deliver()
    office.clock.forward(seconds=8)
    await office.deliver()
    assert len(pictures(await office.chat())) == 1


async def test_a_table_comes_as_a_file_with_its_rows(office: Office) -> None:
    await queue(office, replace(PAGE, chart=None, table=TABLE))
    await office.deliver()
    _, message = await office.chat()
    assert message["document"]["name"] == "cash-2026-11-23.xlsx"
    async with aiohttp.ClientSession(office.phone.url) as client:
        content = await (await client.get(message["document"]["url"])).read()
    rows = list(load_workbook(BytesIO(content)).active.values)
    assert rows[1][1] == -15_000


def test_what_is_kept_is_the_same_again() -> None:
    assert enclosed.restored(kept(TABLE)) == TABLE
    assert str(enclosed.restored(kept(CHART))) == str(CHART)
    assert "nan" not in str(kept(CHART)).lower()
