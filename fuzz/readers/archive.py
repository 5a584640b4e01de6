"""Files of old rows: whole, or damaged with a sentence; a torn end is cut off and gone on from."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from bot.edges.archive.files import Header, Paths, load, open_part, reading
from bot.edges.archive.lines import decode, encode
from bot.edges.archive.members import DamagedError, member
from fuzz._grown import Bytes, grown

HEADER = Header(
    table="daily_sales",
    columns=["id", "d", "qty"],
    first="2023-01-01",
    before="2024-01-01",
    shop="sovani_bot.db",
    dialect="sqlite",
    made_at="2026-11-25T00:00:00+00:00",
)
HEAD = json.dumps(asdict(HEADER)).encode() + b"\n"
ROWS = b"".join(encode([n, f"2023-01-0{n + 1}", b"\x00" if n else 1.5]) for n in range(3))
WHOLE = member(HEAD) + member(ROWS)
STRANGE = member(json.dumps({**asdict(HEADER), "more": 1}).encode() + b"\n") + member(ROWS)
NAMES = (*asdict(HEADER), "base64", "id", "d")
SEEDS = (
    b"\x00" + WHOLE,
    b"\x00" + WHOLE[:-5],
    b"\x01" + HEAD + ROWS,
    b"\x02" + ROWS,
    b"\x03" + bytes(range(0xB0, 0xF0, 3)),
)
FOLDER = Path(tempfile.mkdtemp(prefix="sovani-ops-fuzz-"))


def one(data: bytes) -> None:
    source = Bytes(data)
    match source.next() % 4:
        case 0:
            _file(source.rest)
        case 1:
            head, _, rows = source.rest.partition(b"\n")
            _file(member(head + b"\n") + member(rows))
        case 2:
            _rows(source.rest)
        case _:
            _file(member(json.dumps(grown(source, NAMES)).encode() + b"\n") + member(ROWS))


def _file(raw: bytes) -> None:
    paths = Paths(FOLDER, "sales")
    paths.file.write_bytes(raw)
    paths.manifest.write_bytes(raw[:200])
    load(paths.manifest)
    try:
        with reading(paths.file) as (header, batches):
            assert header.table is not None
            for batch in batches:
                assert all(batch)
    except DamagedError as damaged:
        assert str(damaged)
    _goes_on(paths, raw)


def _goes_on(paths: Paths, raw: bytes) -> None:
    paths.part.write_bytes(raw)
    try:
        part = open_part(paths, HEADER)
    except DamagedError:
        return
    part.append([encode([9, "2023-12-31", 1])], part.end)
    part.close()
    with reading(paths.part) as (header, batches):
        assert header.table == HEADER.table
        assert sum(len(batch) for batch in batches) == part.rows


def _rows(raw: bytes) -> None:
    for line in raw.splitlines(keepends=True):
        try:
            values = decode(line)
        except ValueError:
            continue
        assert decode(encode(values)) == values or b"NaN" in line
