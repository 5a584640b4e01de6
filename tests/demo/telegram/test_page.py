"""The chat page in a real browser, driven by a real bot and a real panel."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from aiogram import Bot
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from demo.telegram import ANN, SAM, SHOP_TEAM, ControlClient, Emulator
from demo.telegram.people import PIXEL
from tests.demo.telegram.conftest import bot_of
from tests.e2e.browser import chromium, needs_browser

KEYS = InlineKeyboardMarkup(
    inline_keyboard=[
        [
            InlineKeyboardButton(text="Run VACUUM", callback_data="vacuum", style="danger"),
            InlineKeyboardButton(text="Acknowledge", callback_data="ack", style="success"),
        ]
    ]
)

pytestmark = [needs_browser, pytest.mark.asyncio(loop_scope="module")]


@dataclass(slots=True)
class Shop:
    """The demo shop's control: one switch."""

    on: bool = False
    url: str = ""
    asked: list[bool] = field(default_factory=list)

    async def listed(self, request: web.Request) -> web.Response:
        del request
        switch = {
            "id": "cash",
            "label": "Cash below zero",
            "explains": "A supplier was paid twice.",
            "on": self.on,
            "mend_by": "Tap Notify admin",
        }
        return web.json_response([switch])

    async def switched(self, request: web.Request) -> web.Response:
        self.on = (await request.json())["on"]
        self.asked.append(self.on)
        return web.json_response({})


# One browser for all of them, and so one event loop.
in_the_loop = partial(pytest_asyncio.fixture, loop_scope="module")


@in_the_loop()
async def shop() -> AsyncIterator[Shop]:
    served = Shop()
    app = web.Application()
    app.router.add_get("/switches", served.listed)
    app.router.add_post("/switches/cash", served.switched)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield served
    await runner.cleanup()


@in_the_loop()
async def emulator(shop: Shop) -> AsyncIterator[Emulator]:
    async with Emulator(panel_url=shop.url) as running:
        yield running


@in_the_loop()
async def bot(emulator: Emulator) -> AsyncIterator[Bot]:
    async with bot_of(emulator) as made:
        yield made


@in_the_loop()
async def phone(emulator: Emulator) -> AsyncIterator[ControlClient]:
    async with ControlClient(emulator.url) as client:
        yield client


@in_the_loop(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@in_the_loop()
async def page(browser: Browser, emulator: Emulator) -> AsyncIterator[Page]:
    shown = await browser.new_page(viewport={"width": 1280, "height": 800})
    errors: list[str] = []
    shown.on("pageerror", lambda error: errors.append(str(error)))
    await shown.goto(f"{emulator.url}/?user={ANN}&chat={SHOP_TEAM}")
    await expect(shown.locator("#chat-title")).to_have_text("Shop team")
    yield shown
    await shown.close()
    assert errors == []


async def test_a_card_arrives_is_tapped_answered_and_edited(
    page: Page, bot: Bot, phone: ControlClient
) -> None:
    sent = await bot.send_message(SHOP_TEAM, "🔴 <b>5.6 GB</b> &lt;now&gt;", reply_markup=KEYS)
    card = page.locator(f"#m{sent.message_id}")
    await expect(card.locator(".body b")).to_have_text("5.6 GB")
    await expect(card.locator(".body")).to_have_text("🔴 5.6 GB <now>")
    button = card.get_by_role("button", name="Run VACUUM")
    colour = await button.evaluate("node => getComputedStyle(node).backgroundColor")
    assert colour == "rgb(229, 57, 53)"

    await button.click()
    await expect(card.locator(".key.danger .spinner")).to_be_visible()
    (update,) = await bot.get_updates(timeout=5)
    assert update.callback_query is not None
    assert update.callback_query.from_user.id == ANN
    await update.callback_query.answer("VACUUM started")
    await expect(page.locator(".toast")).to_have_text("VACUUM started")
    await expect(card.locator(".spinner")).to_have_count(0)

    await bot.edit_message_text("🟢 <b>3.1 GB</b>", chat_id=SHOP_TEAM, message_id=sent.message_id)
    await expect(card.locator(".body b")).to_have_text("3.1 GB")
    await expect(card.locator(".edited")).to_have_text("edited")
    await expect(card.locator(".key")).to_have_count(0)
    assert (await phone.toasts())[0]["text"] == "VACUUM started"


async def test_an_alert_answer_is_a_window_and_only_for_the_one_who_tapped(
    page: Page, bot: Bot, phone: ControlClient
) -> None:
    await bot.send_message(SHOP_TEAM, "card", reply_markup=KEYS)
    message = await phone.wait_for(SHOP_TEAM, lambda each: bool(each["buttons"]))
    other = await phone.tap(SAM, message, "Acknowledge")
    await bot.answer_callback_query(other, text="Not for strangers", show_alert=True)
    await page.get_by_role("button", name="Acknowledge").click()
    *_, update = await bot.get_updates(timeout=5, offset=-1)
    assert update.callback_query is not None
    await update.callback_query.answer("Taken by you", show_alert=True)
    await expect(page.locator("#alert-text")).to_have_text("Taken by you")
    await page.get_by_role("button", name="OK").click()
    await expect(page.locator("#alert")).to_be_hidden()


async def test_typing_a_slash_offers_the_commands_of_the_scope(page: Page, bot: Bot) -> None:
    await bot.set_my_commands([BotCommand(command="status", description="What is wrong")])
    await bot.set_my_commands(
        [BotCommand(command="start", description="Begin")], scope=BotCommandScopeAllPrivateChats()
    )
    await expect(page.locator("#menu")).to_be_visible()
    await page.locator("#text").press_sequentially("/st")
    await expect(page.locator("#commands button")).to_have_text(["/statusWhat is wrong"])
    await page.locator("#text").press("Enter")
    await expect(page.locator(".message.own .command")).to_have_text("/status")
    (update,) = await bot.get_updates(timeout=5)
    assert update.message is not None
    assert update.message.text == "/status"
    await page.locator(f'[data-chat="{ANN}"]').click()
    await page.locator("#menu").click()
    await expect(page.locator("#commands b")).to_have_text(["/start"])


async def test_acting_as_a_stranger_shows_only_the_strangers_chats(page: Page, bot: Bot) -> None:
    await page.locator("#me").click()
    await page.get_by_role("option", name="Sam").click()
    await expect(page.locator("#me")).to_contain_text("You are: Sam")
    await expect(page.locator("#chats b")).to_have_text(["Shop team", "SoVAni Ops"])
    await page.locator("#text").fill("let me in")
    await page.locator("#send").click()
    (update,) = await bot.get_updates(timeout=5)
    assert update.message is not None
    assert update.message.from_user is not None
    assert update.message.from_user.id == SAM


async def test_unread_messages_are_counted_until_the_chat_is_opened(page: Page, bot: Bot) -> None:
    for _ in range(3):
        await bot.send_message(ANN, "psst")
    row = page.locator(f'[data-chat="{ANN}"]')
    await expect(row.locator(".unread")).to_have_text("3")
    await row.click()
    await expect(row.locator(".unread")).to_have_count(0)
    await expect(page.locator(".message")).to_have_count(3)


async def test_pictures_files_replies_pins_and_deletions(
    page: Page, bot: Bot, phone: ControlClient, tmp_path: Path
) -> None:
    photo = await bot.send_photo(SHOP_TEAM, BufferedInputFile(PIXEL, "x.png"), caption="chart")
    image = page.locator(f"#m{photo.message_id} img")
    await expect(image).to_have_js_property("naturalWidth", 1)
    file = await bot.send_document(
        SHOP_TEAM, BufferedInputFile(b"a,b", "list.csv"), reply_to_message_id=photo.message_id
    )
    bubble = page.locator(f"#m{file.message_id}")
    await expect(bubble.locator(".reply")).to_contain_text("chart")
    async with page.expect_download() as download:
        await bubble.locator(".document").click()
    got = await download.value
    assert got.suggested_filename == "list.csv"
    await got.save_as(tmp_path / "list.csv")
    assert (tmp_path / "list.csv").read_bytes() == b"a,b"
    await bot.pin_chat_message(SHOP_TEAM, photo.message_id)
    await expect(page.locator("#pinned-text")).to_have_text("🖼 chart")
    seen = await phone.wait_for(SHOP_TEAM, lambda each: each["message_id"] == file.message_id)
    await phone.delete(ANN, seen)
    await expect(bubble).to_have_count(0)


async def test_what_did_not_change_is_not_drawn_anew(
    page: Page, bot: Bot, phone: ControlClient
) -> None:
    await bot.send_message(SHOP_TEAM, "<tg-spoiler>hush</tg-spoiler>")
    await phone.say(ANN, "what?", SHOP_TEAM)
    await expect(page.locator(".message")).to_have_count(2)
    await page.locator("tg-spoiler").click()
    other = await bot.send_message(SHOP_TEAM, "before")
    await bot.edit_message_text("after", chat_id=SHOP_TEAM, message_id=other.message_id)
    await expect(page.locator(".message .body")).to_have_text(["hush", "what?", "after"])
    await expect(page.locator("tg-spoiler")).to_have_class("shown")


async def test_formatting_comes_alive(page: Page, bot: Bot) -> None:
    text = (
        '<tg-spoiler>hush</tg-spoiler> <tg-time unix="1700000000" format="D">x</tg-time>'
        "<blockquote expandable>" + "line\n" * 9 + "</blockquote>"
    )
    await bot.send_message(SHOP_TEAM, text)
    await expect(page.locator("tg-time")).to_have_text("14 November 2023")
    await page.locator("tg-spoiler").click()
    await expect(page.locator("tg-spoiler")).to_have_class("shown")
    quote = page.locator("blockquote")
    folded = await quote.evaluate("node => node.clientHeight")
    await quote.click()
    await expect(quote).to_have_class("long unfolded")
    assert await quote.evaluate("node => node.scrollHeight") > folded


async def test_a_switch_breaks_the_shop_and_shows_how_to_mend_it(page: Page, shop: Shop) -> None:
    switch = page.get_by_role("switch", name="Cash below zero")
    await expect(switch).to_have_attribute("aria-checked", "false")
    await expect(switch.locator(".mend")).to_be_hidden()
    await switch.click()
    await expect(switch).to_have_attribute("aria-checked", "true")
    await expect(switch.locator(".mend")).to_have_text("Tap Notify admin")
    assert shop.asked == [True]
    shop.on = False  # mended by a button in the chat
    await expect(switch).to_have_attribute("aria-checked", "false")


async def test_without_a_shop_there_is_no_panel(browser: Browser) -> None:
    async with Emulator() as alone:
        page = await browser.new_page()
        async with page.expect_response("**/panel/switches") as answered:
            await page.goto(alone.url)
        assert (await answered.value).status == 404
        await expect(page.locator("#panel")).to_be_hidden()
        await page.close()


async def test_a_phone_shows_one_thing_at_a_time(page: Page, bot: Bot) -> None:
    await page.set_viewport_size({"width": 360, "height": 640})
    await bot.send_message(SHOP_TEAM, "word " * 60, reply_markup=KEYS)
    await expect(page.locator(".message")).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(page.locator("#sidebar")).to_be_hidden()
    await page.locator("#open-panel").click()
    await expect(page.get_by_role("switch")).to_be_in_viewport()
    await page.locator("#close-panel").click()
    await page.locator("#back").click()
    await expect(page.locator("#sidebar")).to_be_visible()
    await expect(page.locator("#conversation")).to_be_hidden()


async def test_a_lost_connection_is_told_and_mended(browser: Browser) -> None:
    async with Emulator() as first:
        port = int(first.url.rpartition(":")[2])
        page = await browser.new_page()
        await page.goto(f"{first.url}/?user={ANN}&chat={SHOP_TEAM}")
        await expect(page.locator("#chat-title")).to_have_text("Shop team")
        await expect(page.locator("#offline")).to_be_hidden()
    await expect(page.locator("#offline")).to_be_visible()
    async with Emulator(port=port) as second, ControlClient(second.url) as phone:
        await phone.say(ANN, "back again", SHOP_TEAM)
        await expect(page.locator("#offline")).to_be_hidden(timeout=10_000)
        await expect(page.locator(".message .body")).to_have_text("back again")
        await page.close()
