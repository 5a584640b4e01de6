"""`python -m fuzz._drive NAME SECONDS FOLDER`: one harness, until a time or a finding.

The corpus is kept in the folder, so that the next run begins where this one ended.
"""

import sys
from importlib import import_module
from pathlib import Path

import fuzz

LONGEST = 4096  # bytes of one input
SLOW = 10  # seconds for one input: a finding too


def main(name: str, seconds: str, folder: Path) -> None:
    atheris = import_module("atheris")  # a wheel for some machines only
    with atheris.instrument_imports(include=["bot", "fuzz", "prometheus_client.parser"]):
        harness = fuzz.load(name)
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(harness.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-timeout={SLOW}",
        "-rss_limit_mb=1500",
        f"-artifact_prefix={folder}/{name}-",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], harness.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
