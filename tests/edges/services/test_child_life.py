"""Memory and restarts of a program of supervisord: pure of its log, and of this machine."""

import time

import psutil
import pytest

from bot.edges.services import child_life


def test_a_process_of_another_machine_has_no_memory_here() -> None:
    """In another container the same number is another process, begun at another time."""
    own = psutil.Process()
    assert child_life.memory(own.pid, own.create_time()) == pytest.approx(
        own.memory_info().rss, rel=0.5
    )
    assert child_life.memory(own.pid, own.create_time() - 60) is None
    assert child_life.memory(2**22 + 1, time.time()) is None


LOG = """
2026-11-23 11:00:00,001 INFO spawned: 'web' with pid 3
2026-11-23 12:00:00,001 INFO supervisord started with pid 1
2026-11-23 12:00:01,002 INFO spawned: 'web' with pid 7
2026-11-23 12:00:01,002 INFO spawned: 'webber' with pid 70
2026-11-23 12:00:03,003 INFO success: web entered RUNNING state, process has stayed up
2026-11-23 13:00:00,004 WARN exited: web (exit status 1; not expected)
2026-11-23 13:00:01,005 INFO spawned: 'web' with pid 8
2026-11-23 13:00:02,006 WARN exited: web (terminated by SIGKILL; not expected)
2026-11-23 13:00:04,007 INFO spawned: 'web' with pid 9
"""
STOPPED = f"""{LOG}
2026-11-23 14:00:00,008 INFO waiting for web to stop
2026-11-23 14:00:00,009 INFO stopped: web (terminated by SIGTERM)
2026-11-23 14:00:01,010 INFO spawned: 'web' with pid 10
"""
LEFT = f"""{LOG}
2026-11-23 14:00:00,008 INFO exited: web (exit status 0; expected)
2026-11-23 18:00:00,009 INFO spawned: 'web' with pid 10
"""


@pytest.mark.parametrize(
    ("log", "pid", "count"),
    [
        pytest.param(LOG, 9, 2, id="it came back twice"),
        pytest.param(LOG, 8, None, id="a later start is there: this is not what we asked about"),
        pytest.param(STOPPED, 10, 0, id="a person stopped and started it"),
        pytest.param(LEFT, 10, 0, id="it was over, and hours later somebody started it"),
        pytest.param(LOG.split("pid 1\n")[1], 9, None, id="the log does not go back far enough"),
        pytest.param("", 9, None, id="no log"),
        pytest.param("2026-11-23 12:00:01,002 INFO spaw", 9, None, id="cut off"),
    ],
)
def test_restarts_are_counted_from_the_main_log(log: str, pid: int, count: int | None) -> None:
    assert child_life.restarts(log, "web", pid) == count
