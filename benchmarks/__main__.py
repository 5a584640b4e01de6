"""`python -m benchmarks [NAME …] [--quick] [--keep DIR]`: measure and print Markdown tables.

Exit code 1: a bar is missed. Everything runs on 127.0.0.1, in a folder of its own.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import benchmarks
from benchmarks import Options
from benchmarks._machine import machine


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(benchmarks.names()))
    parser.add_argument("--quick", action="store_true", help="a tenth of everything: a look only")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="build databases here and use them again"
    )
    return parser


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="sovani-ops-benchmarks-") as name:
        yield Path(name)


def main() -> int:
    arguments = _arguments()
    given = arguments.parse_args()
    try:
        chosen = benchmarks.load(given.names)
    except LookupError as error:
        arguments.error(str(error.args[0]))
    print(machine(), flush=True)
    missed = 0
    with _folder(given.keep) as folder:
        for name, run in chosen.items():
            report = asyncio.run(run(Options(folder=folder, quick=given.quick)))
            print(f"\n## {report.title} (`{name}`)\n\n{report.markdown()}", flush=True)
            missed += sum(not bar.holds for bar in report.bars)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
