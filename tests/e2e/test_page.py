"""The main job as a newcomer sees it: in the browser, on a wide screen and on a phone."""

from collections.abc import Callable

import pytest
from playwright.async_api import Page, ViewportSize, expect

from demo.stage import Demo
from demo.telegram import ANN, SHOP_TEAM
from tests.e2e.browser import chromium, needs_browser

PHONE = ViewportSize(width=390, height=844)
WIDE = ViewportSize(width=1280, height=900)
SLOW = 60_000  # milliseconds; the checks need two rounds, the browser its time


@needs_browser
@pytest.mark.parametrize(("size", "phone"), [(WIDE, False), (PHONE, True)], ids=["wide", "phone"])
async def test_break_tap_confirm_green(
    start: Callable[..., Demo], size: ViewportSize, *, phone: bool
) -> None:
    async with start() as demo, chromium() as browser:
        scheme = "dark" if phone else "light"
        context = await browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
        page = await context.new_page()
        await page.goto(f"{demo.url}/?user={ANN}&chat={SHOP_TEAM}")
        if phone:
            await demo.turn("full_of_free_pages", on=True)
        else:
            await page.locator('.switch[data-id="full_of_free_pages"]').click()

        if not phone:  # who taps while it is still being broken is told to wait
            switch = page.locator('.switch[data-id="full_of_free_pages"]')
            await expect(switch).to_have_attribute("aria-checked", "true", timeout=SLOW)
        card = page.locator(".message", has_text="VACUUM frees").last
        await expect(card).to_be_visible(timeout=SLOW)
        await page.locator(".key.danger", has_text="Run VACUUM").last.click()
        await expect(page.locator(".toast").last).to_contain_text("Confirm", timeout=SLOW)
        await page.locator(".key.danger", has_text="Yes: Run VACUUM").last.click()
        green = page.locator(".message", has_text="by Ann, verified").last
        await expect(green).to_contain_text("✅ The database is", timeout=SLOW)
        assert await _overflow(page) <= 0
        await context.close()


@needs_browser
async def test_a_morning_look_at_the_cash_has_its_chart(start: Callable[..., Demo]) -> None:
    async with start() as demo, chromium() as browser:
        page = await browser.new_page(viewport=PHONE)
        await page.goto(f"{demo.url}/?user={ANN}&chat={ANN}")
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
