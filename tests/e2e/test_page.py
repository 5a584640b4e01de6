"""The main job as a newcomer sees it: in the browser, on a wide screen and on a phone."""

from collections.abc import AsyncIterator
from typing import Literal, NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from demo.telegram import ANN, SHOP_TEAM
from tests.e2e.browser import chromium, needs_browser
from tests.e2e.conftest import Stage

PHONE = ViewportSize(width=390, height=844)
WIDE = ViewportSize(width=1280, height=900)
SLOW = 60_000  # milliseconds; the checks need two rounds, the browser its time


# One demo and one browser for all of them, and so one event loop.
pytestmark = [needs_browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


class Trouble(NamedTuple):
    """What breaks, what its card says, and what mends it."""

    switch: str
    says: str
    action: str


FULL = Trouble("full_of_free_pages", "VACUUM frees", "Run VACUUM")
DEAD = Trouble("scheduler_dead", "The scheduler does not run", "Restart scheduler")


@pytest.mark.parametrize(("size", "trouble"), [(WIDE, FULL), (PHONE, DEAD)], ids=["wide", "phone"])
async def test_break_tap_confirm_green(
    shared: Stage, browser: Browser, size: ViewportSize, trouble: Trouble
) -> None:
    switch, says, action = trouble
    phone = size is PHONE
    scheme: Literal["dark", "light"] = "dark" if phone else "light"
    context = await browser.new_context(viewport=size, color_scheme=scheme)
    page = await context.new_page()
    await page.goto(f"{shared.demo.url}/?user={ANN}&chat={SHOP_TEAM}")
    if phone:
        await shared.demo.turn(switch, on=True)
    else:
        shown = page.locator(f'.switch[data-id="{switch}"]')
        await shown.click()
        # It moves at once, and is busy until all is broken: whoever taps before is told to wait.
        await expect(shown).to_have_attribute("aria-busy", "false", timeout=SLOW)
        await expect(shown).to_have_attribute("aria-checked", "true")
    card = page.locator(".message", has_text=says).last
    await expect(card).to_be_visible(timeout=SLOW)
    await page.locator(".key.danger", has_text=action).last.click()
    await expect(page.locator(".toast").last).to_contain_text("Confirm", timeout=SLOW)
    await page.locator(".key.danger", has_text=f"Yes: {action}").last.click()
    done = page.locator(".message", has_text="by Ann, verified").filter(has_text=f"{action}:").last
    await expect(done).to_contain_text("✅", timeout=SLOW)
    assert await _overflow(page) <= 0
    await context.close()


async def test_a_morning_look_at_the_cash_has_its_chart(shared: Stage, browser: Browser) -> None:
    page = await browser.new_page(viewport=PHONE)
    await page.goto(f"{shared.demo.url}/?user={ANN}&chat={ANN}")
    await page.locator("#text").fill("/cash")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message", has_text="₽").last).to_be_visible(timeout=SLOW)
    chart = page.locator(".message img").last
    await expect(chart).to_be_visible(timeout=SLOW)
    width = await chart.evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert width > 400
    assert await _overflow(page) <= 0


async def _overflow(page: Page) -> int:
    """How many pixels stick out to the right of the screen."""
    script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(await page.evaluate(script))
