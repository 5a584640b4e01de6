"""A file of gzip members, one for each batch: whatever is whole in it can be gone on from.

Each member ends with a checksum of its own, so a file that a crash has torn is cut back to its
last whole batch, and no other note of how far it came is needed.
"""

import gzip
import zlib
from collections.abc import Iterator
from typing import BinaryIO

CHUNK = 1 << 18
LONGEST = 1 << 26  # bytes of one batch as text; ours have one
LEVEL = 5


class DamagedError(Exception):
    """Some of the file is not what was written."""


def member(lines: bytes) -> bytes:
    return gzip.compress(lines, LEVEL, mtime=0)


def members(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each whole member: where it ends, and its text. A torn one ends it without a word."""
    rest = b""
    while True:
        found = _one(file, rest)
        if found is None:
            return
        text, rest = found
        yield file.tell() - len(rest), text


def _one(file: BinaryIO, rest: bytes) -> tuple[bytes, bytes] | None:
    """The text of the next member, and what was read behind it; None: there is no whole one."""
    unpacker = zlib.decompressobj(31)
    text = bytearray()
    chunk = rest
    while not unpacker.eof:
        chunk = chunk or file.read(CHUNK)
        if not chunk:
            return None
        try:
            text += unpacker.decompress(chunk, CHUNK)
        except zlib.error:
            return None
        if len(text) > LONGEST:
            raise DamagedError("a batch is longer than any that was written")
        chunk = unpacker.unconsumed_tail
    return bytes(text), unpacker.unused_data
