"""The parameters of one call, however they came: query, form, multipart or JSON."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from demo.telegram.refusals import bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Params:
    values: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        return self.values.get(name, default)

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"true", "1", "yes"}

    def integer(self, name: str, default: int = 0) -> int:
        raw = self.text(name)
        if not raw:
            return default
        try:
            return int(raw)
        except ValueError:
            raise bad_request(f"invalid {name} specified") from None

    def parsed(self, name: str) -> Any:  # noqa: ANN401  # JSON of any shape
        """Return a parameter that Telegram takes as JSON, or None when it is absent."""
        raw = self.text(name)
        if not raw:
            return None
        try:
            return json.loads(raw)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None


async def read_params(request: web.Request) -> Params:
    """Read the call. Raises `web.HTTPRequestEntityTooLarge` when it is over the server's limit."""
    values = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        values |= _from_json(await request.text())
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, FileField):
                with value.file:
                    content = value.file.read()
                uploads[name] = Upload(value.filename, value.content_type, content)
            else:
                values[name] = str(value)
    return Params(values, uploads)


def _from_json(body: str) -> dict[str, str]:
    if not body:
        return {}
    try:
        raw = json.loads(body)
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(raw, dict):
        raise bad_request("object expected")
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in raw.items()
        if value is not None
    }
