"""Ask as another user what it may restart, and print it: run inside the container.

    rights_as.py USER UNIT…

The rights are dropped after a first look, when all is imported: the user need not be able to
read this checkout.
"""

import asyncio
import json
import os
import pwd
import sys
from dataclasses import asdict

from bot.edges.services.rights import rights


async def main(user: str, *units: str) -> None:
    await rights(units, seconds=10)
    account = pwd.getpwnam(user)
    os.initgroups(user, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    print(json.dumps(asdict(await rights(units, seconds=10))))  # noqa: T201  # a script


asyncio.run(main(*sys.argv[1:]))
