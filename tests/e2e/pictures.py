"""Makes the pictures of the documents from the demo: `python -m tests.e2e.pictures`."""

import asyncio
import tempfile
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, ViewportSize

from demo.stage import Demo
from demo.telegram import ANN, SHOP_TEAM, ControlClient
from tests.e2e import setup_picture
from tests.e2e.browser import chromium

IMAGES = Path(__file__).resolve().parent.parent.parent / "docs" / "images"
PHONE = ViewportSize(width=390, height=700)
WIDE = ViewportSize(width=1280, height=800)


async def main() -> None:
    await shoot_setup()
    with tempfile.TemporaryDirectory() as folder:
        async with Demo(Path(folder)) as demo, ControlClient(demo.url) as phone, chromium() as web:
            await demo.turn("full_of_free_pages", on=True)
            card = await phone.wait_for(
                SHOP_TEAM, lambda message: "VACUUM frees" in message["text"], timeout=40
            )
            await _shoot(web, f"{demo.url}/?user={ANN}&chat={SHOP_TEAM}", PHONE, "card-phone")
            await phone.tap_and_wait(ANN, card, "Run VACUUM")
            question = await phone.wait_for(
                SHOP_TEAM, lambda message: message["text"].startswith("❓")
            )
            await _shoot(
                web, f"{demo.url}/?user={ANN}&chat={SHOP_TEAM}", WIDE, "confirm-wide", dark=True
            )
            await phone.tap_and_wait(ANN, question, "Yes: Run VACUUM")
            await phone.wait_for(
                SHOP_TEAM, lambda message: "Run VACUUM helped" in message["text"], timeout=40
            )
            await _shoot(web, f"{demo.url}/?user={ANN}&chat={SHOP_TEAM}", PHONE, "green-phone")
            await phone.say(ANN, "/cash")
            await phone.wait_for(ANN, lambda message: bool(message.get("photo")), timeout=40)
            await _shoot(web, f"{demo.url}/?user={ANN}&chat={ANN}", PHONE, "cash-phone")


async def shoot_setup() -> None:
    """Show the guided first start, as a terminal shows it."""
    with tempfile.TemporaryDirectory() as folder:
        shown = await setup_picture.page(Path(folder))
    async with chromium() as browser:
        page = await browser.new_page(viewport=ViewportSize(width=1200, height=400))
        await page.set_content(shown)
        await page.locator("pre").screenshot(path=IMAGES / "setup-terminal.png")


async def _shoot(
    browser: Browser, url: str, size: ViewportSize, name: str, *, dark: bool = False
) -> None:
    scheme: Literal["dark", "light"] = "dark" if dark else "light"
    context = await browser.new_context(viewport=size, color_scheme=scheme)
    page = await context.new_page()
    await page.goto(url)
    await page.locator(".message").last.wait_for()
    await page.wait_for_timeout(800)  # for the page to scroll and pictures to load
    await page.screenshot(path=IMAGES / f"{name}.png")
    await context.close()


if __name__ == "__main__":
    asyncio.run(main())
