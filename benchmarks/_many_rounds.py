"""`python -m benchmarks._many_rounds DATABASE WARM COUNT`: memory in MB after each tenth.

The assistant's own rounds, without the pause between two of them.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import psutil

from bot.commands.build import Parts, open_tools
from bot.commands.loading import load_settings
from demo.environment import Keys


async def _many(parts: Parts, count: int) -> None:
    runbooks = list(parts.book.runbooks.values())
    for number in range(count):
        await parts.watch.round(runbooks[number % len(runbooks)])


async def main(database: str, warm: int, count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="sovani-ops-rounds-") as name:
        os.environ |= {
            "BOT_TOKEN": Keys().bot,
            "ADMIN_CHAT_ID": "1",
            "ADMIN_USER_IDS": "1",
            "DATABASE_URL": f"sqlite:///{database}",
            "WEB_API_URL": "http://127.0.0.1:9",
            "SERVICE_MANAGER": "none",
            "AUTO_REMEDIATION_ENABLED": "false",
        }
        async with open_tools(load_settings(), state=Path(name) / "state.db") as parts:
            await _many(parts, warm)
            for _ in range(10):
                print(_memory(), flush=True)
                await _many(parts, count // 10)
            print(_memory(), flush=True)


def _memory() -> float:
    return float(psutil.Process().memory_info().rss) / 1_000_000


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
