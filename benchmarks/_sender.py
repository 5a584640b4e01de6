"""`python -m benchmarks._sender URL SECONDS`: alerts at a constant pace, from its own process.

Requests begin by the clock, whatever became of those before, and are timed from when they were
due: a server that stalls is given no time to recover. Prints a line at the begin, a line when the
worst alert goes out, and what came of all of them as JSON.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field

import aiohttp

RATE = 200  # requests a second
TOKEN = "a-benchmark's-own"  # noqa: S105  # it opens a server that lives for a minute
PATHS = ("/api/v2/alerts", "/webhook/alertmanager", "/webhook/grafana", "/webhook/generic")
# Of ten requests four begin an alert, four repeat one, two end one.
TURN = ("new", "again", "new", "over", "again", "new", "again", "over", "new", "again")
APART = 1_000  # requests between two about one alert: five seconds, so none overtakes another
WIDE = 50  # of so many alerts one is repeated
LONG_AGO = "2026-01-01T00:00:00Z"


@dataclass(slots=True)
class Sent:
    milliseconds: list[float] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)  # title → what was taken of it last


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    title: str
    status: str  # firing, resolved
    body: object


@dataclass(slots=True)
class Script:
    """What request number N says: the same in every run."""

    worst: int
    begun: list[int] = field(default_factory=list)
    ended: int = 0

    def say(self, number: int) -> Request:
        what = TURN[number % len(TURN)]
        left = self.begun[self.ended : self.ended + WIDE]
        old = [one for one in left if one <= number - APART]
        if what == "new" or not old:
            self.begun.append(number)
            return self._about(number, "firing", number)
        if what == "over":
            self.ended += 1
            return self._about(old[0], "resolved", number)
        return self._about(old[number % len(old)], "firing", number)

    def _about(self, alert: int, status: str, number: int) -> Request:
        title = f"Trouble {alert}"
        severity = "critical" if alert == self.worst else ("warning", "error")[alert % 2]
        kind = alert % len(PATHS)
        body = _body(PATHS[kind], title, severity, status, f"seen by request {number}")
        return Request(PATHS[kind], title, status, body)


def _body(path: str, title: str, severity: str, status: str, text: str) -> object:
    if path.endswith("generic"):
        return {"id": title, "title": title, "severity": severity, "status": status, "text": text}
    labels = {"alertname": title, "severity": severity, "instance": "web-1:9100", "job": "node"}
    alert = {"labels": labels, "annotations": {"summary": text, "runbook_url": "https://wiki/x"}}
    if path.startswith("/api"):
        return [alert | ({"endsAt": LONG_AGO} if status == "resolved" else {})]
    return {"version": "4", "alerts": [{"status": status, **alert}]}


def worst(seconds: float) -> int:
    """The number of the only critical alert: in the middle, and one that begins."""
    return round(seconds * RATE / 2 / len(TURN)) * len(TURN)


async def send(url: str, seconds: float) -> Sent:
    sent, script = Sent(), Script(worst(seconds))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    connector = aiohttp.TCPConnector(limit=256)
    async with (
        aiohttp.ClientSession(url, connector=connector, headers=headers) as session,
        asyncio.TaskGroup() as group,
    ):
        print("begins", flush=True)
        began = time.perf_counter()
        for number in range(round(seconds * RATE)):
            due = began + number / RATE
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            request = script.say(number)
            if number == script.worst:
                print("the worst", flush=True)
            group.create_task(_one(session, request, due, sent))
    return sent


async def _one(session: aiohttp.ClientSession, request: Request, due: float, sent: Sent) -> None:
    try:
        async with session.post(request.path, json=request.body) as answer:
            await answer.read()
            what = str(answer.status)
    except (aiohttp.ClientError, TimeoutError) as error:
        what = type(error).__name__
    sent.milliseconds.append((time.perf_counter() - due) * 1000)
    sent.answers[what] = sent.answers.get(what, 0) + 1
    if what == "200":
        sent.last[request.title] = request.status


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(send(sys.argv[1], float(sys.argv[2]))))))
