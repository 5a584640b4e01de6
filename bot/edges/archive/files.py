"""The files of one archive: `.part` while it is written, then the file and its manifest."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from bot.edges.archive.lines import Place, decode, place
from bot.edges.archive.members import CHUNK, DamagedError, member, members
from bot.edges.naming import give_name

ENDING = ".jsonl.gz"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first line of a file."""

    table: str
    columns: Sequence[str]
    first: str
    before: str
    shop: str
    dialect: str
    made_at: str
    format: int = FORMAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a whole file has. `sha256` is of the file, as `sha256sum` tells it."""

    file: str
    table: str
    rows: int
    first: str
    before: str
    bytes: int
    sha256: str
    rows_sha256: str
    shop: str
    dialect: str
    made_at: str


@dataclass(frozen=True, slots=True)
class Paths:
    folder: Path
    name: str

    @property
    def part(self) -> Path:
        return self.folder / f"{self.name}{ENDING}.part"

    @property
    def file(self) -> Path:
        return self.folder / f"{self.name}{ENDING}"

    @property
    def manifest(self) -> Path:
        return self.folder / f"{self.name}.json"


@dataclass(slots=True)
class Part:
    """A file that is being written: how many rows it has, and where they end."""

    file: BinaryIO
    rows: int = 0
    end: Place = field(default_factory=Place)

    def append(self, lines: Sequence[bytes], end: Place) -> None:
        self.file.write(member(b"".join(lines)))
        self.file.flush()
        self.rows += len(lines)
        self.end = end

    def close(self) -> None:
        """Close it; on the disk is what was appended."""
        os.fsync(self.file.fileno())
        self.file.close()


def open_part(paths: Paths, header: Header) -> Part:
    """Begin a file, or go on behind the last whole batch of one that was begun like it."""
    paths.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.fdopen(os.open(paths.part, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    try:
        part = _whole_of(file, header)
        if part is None:
            file.seek(0)
            file.truncate()
            file.write(member(_head(header)))
            file.flush()
            part = Part(file)
    except BaseException:
        file.close()
        raise
    return part


def _whole_of(file: BinaryIO, header: Header) -> Part | None:
    """Cut off what is torn; None: nothing can be gone on from."""
    part, end, last = Part(file), 0, b""
    for number, (ends, text) in enumerate(members(file)):
        if number == 0 and not _alike(text, header):
            return None
        if number:
            lines = text.splitlines(keepends=True)
            part.rows += len(lines)
            last = lines[-1] if lines else last
        end = ends
    if last:
        try:
            part.end = place(header.columns, decode(last))
        except (ValueError, TypeError, LookupError):
            return None  # no rows of ours
    file.seek(end)
    file.truncate()
    return part if end else None


def _head(header: Header) -> bytes:
    return json.dumps(asdict(header), ensure_ascii=False).encode() + b"\n"


def _alike(text: bytes, header: Header) -> bool:
    """All but when it was begun, and the oldest day, which may be gone since."""
    try:
        found = _header(text)
    except DamagedError:
        return False
    since = replace(found, made_at=header.made_at, first=header.first, dialect=header.dialect)
    return since == replace(header, columns=list(header.columns))


@contextmanager
def reading(path: Path) -> Iterator[tuple[Header, Iterator[list[bytes]]]]:
    """The header and the batches of a file; `DamagedError` where it is not whole."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        found = members(file)
        _, head = next(found, (0, b""))
        yield _header(head), _batches(found, size)


def _header(head: bytes) -> Header:
    try:
        header = Header(**json.loads(head))
    except (ValueError, TypeError, RecursionError) as error:
        raise DamagedError("it has no header") from error
    if header.format != FORMAT:
        raise DamagedError(f"its format is {header.format}")
    return header


def _batches(found: Iterator[tuple[int, bytes]], size: int) -> Iterator[list[bytes]]:
    end = -1
    for ends, text in found:
        end = ends
        yield text.splitlines(keepends=True)
    if end not in {-1, size}:
        raise DamagedError("its end is torn")


def finish(paths: Paths, manifest: Manifest) -> None:
    """Give the file its name; a file that is there is never written over."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=2) + "\n"
    draft = paths.manifest.with_suffix(".json.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(paths.manifest)  # of a file that is not there yet: nobody's
    give_name(paths.part, paths.file)
    _sync(paths.folder)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def load(path: Path) -> Manifest | None:
    """The manifest at `path`; None where there is none that can be read."""
    with suppress(OSError, ValueError, TypeError):
        return Manifest(**json.loads(path.read_text(encoding="utf-8")))
    return None


def digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()
