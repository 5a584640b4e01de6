"""Start a unit of work as another user and print what came of it: run inside the container.

    run_unit_as.py USER UNIT

The rights are dropped after a first look, when all is imported: the user need not be able to
read this checkout.
"""

import asyncio
import json
import os
import pwd
import sys

from bot.core.model import Unreadable
from bot.core.runbook import ActionFailed
from bot.core.tools import Service
from bot.edges.services import open_services


async def main(user: str, unit: str) -> None:
    services = open_services("systemd", {Service.SCHEDULER: "sovani-scheduler"})
    try:
        await services.state(Service.SCHEDULER)
    except Unreadable:
        raise SystemExit("systemd cannot be asked") from None
    account = pwd.getpwnam(user)
    os.initgroups(user, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    try:
        await services.run_unit(unit)
        print(json.dumps({"done": unit}))  # noqa: T201  # a script
    except ActionFailed as failure:
        told = {"failed": failure.why.key, **failure.why.values}
        print(json.dumps(told))  # noqa: T201  # a script


asyncio.run(main(*sys.argv[1:]))
