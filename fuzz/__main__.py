"""`python -m fuzz [NAME …] [--seconds N] [--folder DIR]`: mutate, and say what broke.

Exit code 1: something was found; the input that does it is in the folder.
"""

import argparse
import asyncio
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import fuzz
from fuzz import api

PATIENCE = 60.0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(fuzz.names()))
    parser.add_argument("--seconds", type=int, default=120, help="for each of them (120)")
    parser.add_argument("--folder", type=Path, default=Path("var/fuzz"), metavar="DIR")
    return parser


def main() -> int:
    arguments = _arguments()
    given = arguments.parse_args()
    if strangers := sorted(set(given.names) - set(fuzz.names())):
        arguments.error(f"nothing is called {', '.join(strangers)}")
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    bad = [name for name in given.names or fuzz.names() if not _holds(name, given.seconds, folder)]
    print(f"found something: {', '.join(bad)}" if bad else "nothing was found")
    return 1 if bad else 0


def _holds(name: str, seconds: int, folder: Path) -> bool:
    needed = "schemathesis" if name == "api" else "atheris"
    if find_spec(needed) is None:
        print(f"{name}: left out, {needed} has no wheel for this machine and Python", flush=True)
        return True
    print(f"{name}: {seconds} s", flush=True)
    if name == "api":
        return asyncio.run(api.run(seconds, folder))
    log = folder / f"{name}.log"
    command = [sys.executable, "-m", "fuzz._drive", name, str(seconds), str(folder)]
    with log.open("wb") as output:
        ended = subprocess.run(
            command, stdout=output, stderr=output, timeout=seconds + PATIENCE, check=False
        )
    if ended.returncode:
        print(log.read_text(errors="replace")[-4000:])
    return ended.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
