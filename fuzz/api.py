"""The HTTP API against its own document, by schemathesis: a real assistant, a real state database.

Telegram is the demo's emulator, the shop a copy of the demo's, and nothing else answers: what a
request sets off reaches nobody. A run for each role; what a role may not do must be refused.
"""

import asyncio
import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks._shops import ShopPlan, shop_file
from benchmarks._stage import Stage, stage
from demo.ports import HOST, free_ports

ROLES = {"admin": 0.6, "manager": 0.15, "viewer": 0.15, "sender": 0.1}  # shares of the time
PATIENCE = 120.0  # seconds beyond the time: it ends when a phase does
OURS = Path(__file__).with_name("schemathesis.toml")
TRACE = "Traceback (most recent call last)"
NOWHERE = f"http://{HOST}:9"
SETTINGS = {
    "HTTP_PER_SECOND": "1000000",
    "HTTP_INCOMING_PER_SECOND": "1000000",
    "HTTP_OPEN_READS": "false",
    "BEATS": "backup=@daily+2h; 0=*/15 * * * *+5m",
    "WB_API_URL": NOWHERE,
    "WB_CONTENT_API_URL": NOWHERE,
    "OZON_API_URL": NOWHERE,
    "SECOND_RESOLVER": "",
    "CHECK_INTERVAL_SEC": "60",
}
ALERT = {"id": "disk", "title": "The disk of web-1 is full", "severity": "error"}


async def run(seconds: float, folder: Path) -> bool:
    """Say whether nothing was found; what was is printed, with a `curl` line for each."""
    shop = shop_file(folder, ShopPlan(rows=45_000, days=90))
    with tempfile.TemporaryDirectory(prefix="sovani-ops-fuzz-") as name:
        async with stage(Path(name)) as chat:
            shutil.copyfile(shop, chat.database)
            return await _all_roles(chat, seconds, folder)


async def _all_roles(chat: Stage, seconds: float, folder: Path) -> bool:
    address = f"{HOST}:{free_ports(1)[0]}"
    digests = {role: hashlib.sha256(role.encode()).hexdigest() for role in ROLES}
    tokens = ",".join(f"the-{role}:{role}:{digests[role]}" for role in ROLES)
    env = {**SETTINGS, "HTTP_LISTEN": address, "API_TOKENS": tokens}
    good = True
    async with chat.assistant("-m", "fuzz._patient_bot", "run", **env) as child:
        await chat.quiet()
        for role, share in ROLES.items():
            found = await _as(role, f"http://{address}", seconds * share, folder)
            child.must_live()
            good = good and not found
        lines = child.output().splitlines()
    folder.joinpath("api.log").write_text("\n".join(lines), encoding="utf-8")
    broken = [at for at, line in enumerate(lines) if "request failed" in line or TRACE in line]
    for at in broken[:1]:
        print("\n".join(lines[at : at + 60]), flush=True)
    return good and not broken


async def _as(role: str, url: str, seconds: float, folder: Path) -> int:
    program = Path(sys.executable).with_name("schemathesis")
    options = (
        *("--config-file", str(OURS), "run", f"{url}/openapi.json"),
        *("--header", f"Authorization:Bearer {role}"),
        *("--max-time", str(max(1, round(seconds)))),
        *("--report", "json", "--report-json-path", str(folder / f"api-{role}.json")),
    )
    process = await asyncio.create_subprocess_exec(str(program), *options, cwd=folder)
    async with asyncio.timeout(seconds + PATIENCE):
        return await process.wait()
