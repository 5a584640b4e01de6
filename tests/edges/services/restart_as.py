"""Restart a unit as another user and print what came of it: run inside the container.

    restart_as.py USER UNIT

The rights are dropped after a first look, when all is imported: the user need not be able to
read this checkout.
"""

import asyncio
import json
import os
import pwd
import sys

from bot.core.runbook import ActionFailed
from bot.core.tools import Service
from bot.edges.services import open_services
from bot.edges.services.common import Patience


async def main(user: str, unit: str) -> None:
    services = open_services("systemd", {Service.SCHEDULER: unit}, patience=Patience(settle=0))
    await services.state(Service.SCHEDULER)
    account = pwd.getpwnam(user)
    os.initgroups(user, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    try:
        after = await services.restart(Service.SCHEDULER)
        print(json.dumps({"unit": after.unit, "running": after.running}))  # noqa: T201  # a script
    except ActionFailed as failure:
        print(json.dumps({"failed": failure.why.key}))  # noqa: T201  # a script


asyncio.run(main(*sys.argv[1:]))
