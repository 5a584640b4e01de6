"""PromQL instant queries, for shops that already run Prometheus."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.core.model import Source, Unreadable, phrase
from bot.core.tools import Sample
from bot.edges.http import Call, Limits, Remote, Reply

LIMITS: Final = Limits(seconds=10, size=4_000_000)

_ANSWERS: Final = (200, 400, 422, 503)  # the API explains these in the body
_SHORT: Final = 300
_STRANGE: Final = (  # no JSON, other JSON, an integer beyond all floats
    ValueError,
    RecursionError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
)


class PrometheusServer:
    """`Prometheus` over `PROMETHEUS_URL`, which may hold user and password. Close it when done."""

    def __init__(self, address: str, *, limits: Limits = LIMITS) -> None:
        self._remote = Remote(address, Source.PROMETHEUS)
        self._limits = limits

    async def aclose(self) -> None:
        await self._remote.aclose()

    async def query(self, promql: str) -> Sequence[Sample]:
        """Ask for the value now. No series is an empty answer, not an error."""
        call = Call(
            path="/api/v1/query",
            query={"query": promql},
            accept=_ANSWERS,
            limits=self._limits,
        )
        reply = await self._remote.fetch(call)
        try:
            answer = json.loads(reply.body)
            if answer["status"] == "success":
                return _samples(answer["data"])
            said = str(answer["error"])[:_SHORT]
        except _STRANGE:
            raise _unreadable(
                "http_html" if reply.is_html else "prometheus_unclear", reply
            ) from None
        raise _unreadable("prometheus_refused", reply, said=said)


def _samples(data: Mapping[str, Any]) -> list[Sample]:
    match data:
        case {"resultType": "vector", "result": [*series]}:
            return [_sample(one["metric"], one["value"]) for one in series]
        case {"resultType": "scalar", "result": value}:
            return [_sample({}, value)]
        case _:
            raise ValueError("neither a vector nor a scalar")


def _sample(metric: Mapping[str, Any], value: Sequence[Any]) -> Sample:
    _, number = value
    labels = {name: str(text) for name, text in metric.items() if name != "__name__"}
    return Sample(str(metric.get("__name__", "")), labels, float(number))


def _unreadable(key: str, reply: Reply, **values: str) -> Unreadable:
    return Unreadable(phrase(key, where=reply.where, **values), Source.PROMETHEUS)
