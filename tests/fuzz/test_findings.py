"""What the fuzzers have found, once and for all; and every harness still runs on its seeds."""

import pytest

import fuzz
from fuzz._grown import Bytes, grown
from fuzz.readers import archive, params

HARNESSES = [fuzz.load(name) for name in fuzz.names() if name != "api"]
NOTE = next(at for at, one in enumerate(params.TAKERS) if one.usage.startswith("/note "))
LONG_YEAR = b"Wed, 25 Nov " + b"8" * 60 + b" 12:00:00 GMT"
FIRING = b'"status": "firing", "labels": {"alertname": "x"}'
LONG = b"9" * 400
DEEP = b"[" * 100_000
LIST, OBJECT = b'{"status": ["failed"]}', b'{"status": {"failed": true}}'

FOUND = [
    pytest.param("params", bytes([NOTE, 0]) + b"12 -", id="a dash where something must be said"),
    pytest.param("services", b"\x03\x06" + LONG_YEAR, id="a pause until a year too far away"),
    pytest.param("services", b"\x02\x00" + LIST, id="a job's status that is a list"),
    pytest.param("services", b"\x02\x00" + OBJECT, id="a job's status that is an object"),
    pytest.param("logs", b'\x00{"__REALTIME_TIMESTAMP": "9' + b"9" * 19 + b'"}', id="no year"),
    pytest.param("logs", b'\x00{"_PID": "' + b"9" * 5000 + b'"}', id="a number too long to read"),
    pytest.param("logs", b"\x00" + DEEP, id="JSON too deep to read"),
    pytest.param("logs", b'\x00{"MESSAGE": ' + b"[" * 900 + b"]" * 900 + b"}", id="deep lists"),
    pytest.param(
        "incoming", b'\x02{"alerts": [], "truncatedAlerts": %b}' % LONG, id="alerts without end"
    ),
    pytest.param(
        "incoming", b'\x02{"alerts": [{%b, "values": {"A": %b}}]}' % (FIRING, LONG), id="no float"
    ),
    pytest.param("archive", b"\x01{\n[]\n", id="a file whose header is no JSON"),
    pytest.param("archive", b"\x01[]\n[]\n", id="a file whose header is no object"),
    pytest.param("archive", b"\x00" + archive.STRANGE, id="a header with more in it than ours"),
    pytest.param("archive", b"\x01" + archive.HEAD + b"[1]\n", id="rows of other columns"),
    pytest.param("archive", b"\x01" + archive.HEAD + b"x\n", id="rows that are no JSON"),
    pytest.param("archive", b'\x02[0,{"base32":""}]\n', id="a value of no known form"),
]


@pytest.mark.parametrize("harness", HARNESSES, ids=lambda one: one.name)
def test_a_harness_holds_on_its_seeds(harness: fuzz.Harness) -> None:
    assert harness.seeds
    for seed in (b"", *harness.seeds):
        harness.one(seed)


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_was_found_is_mended(name: str, data: bytes) -> None:
    fuzz.load(name).one(data)


def test_json_grows_out_of_any_bytes_and_ends() -> None:
    for first in range(256):
        grown(Bytes(bytes([first]) * 200), ["a", "b"])
    assert grown(Bytes(b""), ["a"]) is None
    assert grown(Bytes(b"\xb4\x00\x02\x03"), ["a", "b"]) == {"a": 2**31}
