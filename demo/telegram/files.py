"""Files kept in memory: what the bot uploads and what people send. The oldest go first."""

import secrets
import struct
from collections import OrderedDict
from dataclasses import dataclass, field

from demo.telegram.params import Upload
from demo.telegram.refusals import Refusal, bad_request
from demo.telegram.world import Json

UPLOAD_BYTES = 50_000_000
PHOTO_BYTES = 10 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024
KEPT_BYTES = 256 * 1024 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_SIZES = frozenset({0xC0, 0xC1, 0xC2})
_PHOTO_SIDES = 10_000
_PHOTO_RATIO = 20


@dataclass(frozen=True, slots=True)
class Stored:
    file_id: str
    name: str
    mime: str
    content: bytes
    width: int = 0
    height: int = 0

    @property
    def path(self) -> str:
        folder = "photos" if self.width else "documents"
        return f"{folder}/{self.file_id}"

    def as_file(self) -> Json:
        return {
            "file_id": self.file_id,
            "file_unique_id": self.file_id[-12:],
            "file_size": len(self.content),
        }

    def as_photo(self) -> list[Json]:
        return [self.as_file() | {"width": self.width, "height": self.height}]

    def as_document(self) -> Json:
        return self.as_file() | {"file_name": self.name, "mime_type": self.mime}


@dataclass(slots=True)
class Files:
    capacity: int = KEPT_BYTES
    size: int = 0
    stored: OrderedDict[str, Stored] = field(default_factory=OrderedDict)

    def keep_document(self, upload: Upload) -> Stored:
        if not upload.content:
            raise bad_request("file must be non-empty")
        return self._keep(upload, 0, 0)

    def keep_photo(self, upload: Upload) -> Stored:
        size = len(upload.content)
        if size > PHOTO_BYTES:
            raise bad_request(
                f"file of size {size} bytes is too big for a photo; "
                f"the maximum size is {PHOTO_BYTES} bytes"
            )
        measured = measure(upload.content)
        if not measured:
            raise bad_request("IMAGE_PROCESS_FAILED")
        width, height = measured
        if width + height > _PHOTO_SIDES or max(measured) > _PHOTO_RATIO * min(measured):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return self._keep(upload, width, height)

    def known(self, file_id: str) -> Stored:
        if file_id not in self.stored:
            raise unknown_file()
        return self.stored[file_id]

    def _keep(self, upload: Upload, width: int, height: int) -> Stored:
        file_id = f"BQAC{secrets.token_urlsafe(18)}"
        stored = Stored(file_id, upload.name, upload.mime, upload.content, width, height)
        self.stored[file_id] = stored
        self.size += len(upload.content)
        while self.size > self.capacity and len(self.stored) > 1:
            _, oldest = self.stored.popitem(last=False)
            self.size -= len(oldest.content)
        return stored


def unknown_file() -> Refusal:
    return bad_request("wrong file identifier/HTTP URL specified")


def measure(content: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG or JPEG, or None when it is neither."""
    if content.startswith(_PNG) and len(content) >= 24:  # noqa: PLR2004  # signature and IHDR
        width, height = struct.unpack(">II", content[16:24])
        return (width, height) if width and height else None
    if content.startswith(b"\xff\xd8"):
        return _measure_jpeg(content)
    return None


def _measure_jpeg(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:  # noqa: PLR2004  # marker
        if content[at + 1] in _JPEG_SIZES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return (width, height) if width and height else None
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return None
