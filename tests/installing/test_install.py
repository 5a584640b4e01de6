"""The installed assistant on a bare Debian with systemd as process 1: `make test-install`.

One box, one story, in the order in which an operator would live through it.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from demo.telegram import ANN, SHOP_TEAM, ControlClient, Json
from demo.telegram.people import Say, say
from demo.telegram.server import Emulator
from demo.telegram.world import ADMINS, DEMO_TOKEN, demo_world
from tests.installing.box import CLOSED, Box, until
from tests.installing.terminal import Terminal

UNIT, SCHEDULER = "sovani-ops.service", "sovani-scheduler.service"
TIMER = "sovani-ops-backup.timer"
SHOP = "/srv/sovani"
DROP_IN = f"/etc/systemd/system/{UNIT}.d/50-shop.conf"
DENIED = ("Access denied", "Interactive authentication required")


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, base: Path, packages: Path) -> Iterator[Box]:
    made = Box(base, tmp_path_factory.mktemp("box") / "changes", packages)
    made.boot()
    yield made
    made.power_cut()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(demo_world(), port=0) as emulator:
        yield emulator


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def inside(box: Box, script: str) -> str:
    return await asyncio.to_thread(box.shell, script)


async def started(box: Box) -> str:
    """Wait until systemd has it for ready; its process."""

    def look() -> str | None:
        state, pid = box.shown(UNIT, "ActiveState", "MainPID")
        return pid if state == "active" and pid != "0" else None

    return await asyncio.to_thread(until, look, lambda: box.run("journalctl", "-u", UNIT, "-n40"))


async def test_it_installs_and_says_what_to_do_next(box: Box) -> None:
    said = await asyncio.to_thread(box.install)
    assert "sovani-ops setup" in said
    modes = await inside(box, "stat -c '%a %U %n' /etc/sovani-ops/env /var/lib/sovani-ops")
    assert modes.split("\n")[:2] == [
        "600 root /etc/sovani-ops/env",
        "700 sovani-ops /var/lib/sovani-ops",
    ]
    assert box.shown(UNIT, "ActiveState", "UnitFileState") == ["inactive", "enabled"]
    await inside(
        box,
        f"""
        mkdir {SHOP}; useradd --system sovani; chown sovani: {SHOP}; chmod 2775 {SHOP}; cd {SHOP}
        umask 002
        PYTHONPATH=/mnt/checkout setpriv --reuid=sovani --regid=sovani --clear-groups \
            /opt/sovani-ops/venv/bin/python -m demo.shop.data \
            --out {SHOP}/sovani_bot.db --days 8 --skus 20
        cat > {SHOP}/.env << END
DATABASE_URL=sqlite:///./sovani_bot.db
WEB_API_URL=http://127.0.0.1:9
MANAGER_CHAT_ID={ADMINS}
APP_TIMEZONE=Europe/Moscow
SERVICE_BOT=sovani-shop-bot
END
        chown sovani: {SHOP}/.env; chmod 600 {SHOP}/.env
        cd /etc/systemd/system; cp sovani-bot.service sovani-shop-bot.service
        mkdir -p /etc/systemd/system/{UNIT}.d
        printf '[Service]\\nWatchdogSec=3\\n' > /etc/systemd/system/{UNIT}.d/90-test.conf
        systemctl start sovani-bot sovani-shop-bot sovani-web-api bystander
        """,
    )


async def test_the_shops_folder_may_be_given_before_anything_is_set_up(box: Box) -> None:
    said = await asyncio.to_thread(box.install, "--shop", SHOP)
    assert f"chmod g+rw {SHOP}/sovani_bot.db" in said
    await inside(box, f"chmod g+rw {SHOP}/sovani_bot.db")
    assert "sovani-ops setup" in said
    assert box.shown(UNIT, "ActiveState") == ["inactive"]


@pytest.mark.parametrize("path", ["/srv/nowhere", "'/srv/my shop'", "/"])
async def test_a_folder_that_a_unit_file_would_misread_is_refused_before_anything_changes(
    box: Box, path: str
) -> None:
    await inside(box, "mkdir -p '/srv/my shop'")
    before = await inside(box, f"sha256sum {DROP_IN}")
    with pytest.raises(AssertionError, match=r"install\.sh: --shop:"):
        await asyncio.to_thread(box.install, "--shop", path)
    assert await inside(box, f"sha256sum {DROP_IN}") == before


async def test_setup_by_questions_as_root_leaves_files_as_they_must_be(
    box: Box, emulator: Emulator
) -> None:
    async def meet(terminal: Terminal) -> None:
        say(emulator.state, Say(ANN, "/start"))
        say(emulator.state, Say(ANN, "/start", chat=SHOP_TEAM))
        for ref in (ANN, SHOP_TEAM):
            await terminal.sees(f"): {ref}")

    server = f"TELEGRAM_API_URL={emulator.url}"
    async with Terminal(box.inside("env", server, "sovani-ops", "setup")) as terminal:
        await terminal.answers("Change it?", "")
        await terminal.answers("Bot token", DEMO_TOKEN)
        await terminal.sees("Press Enter when all are there")
        await meet(terminal)
        await terminal.types("")
        await terminal.answers("critical alerts", "1")  # the admins' chat, by SoVAni's file
        await terminal.answers("get all alerts", "3")
        await terminal.answers("Ann (@ann)", "a")
        await terminal.answers("The shop's database", "")
        await terminal.answers("Write this", "")
        assert await terminal.ends() == 0
        assert "systemctl start sovani-ops" in terminal.seen
        assert DEMO_TOKEN.partition(":")[2] not in terminal.seen
    files = "stat -c '%a %U %G' /etc/sovani-ops /etc/sovani-ops/*"
    assert (await inside(box, files)).splitlines() == ["700 root root", *["600 root root"] * 2]
    strays = "find /var/lib/sovani-ops ! -user sovani-ops"
    assert await inside(box, strays) == ""
    shop = set((await inside(box, f"stat -c %U:%G {SHOP}/sovani_bot.db*")).split())
    assert shop == {"sovani:sovani"}, "what root leaves there, SoVAni could not write"
    await inside(
        box,
        """
        cat >> /etc/sovani-ops/env << END
CHECK_INTERVAL_SEC=1
AUTO_REMEDIATION_ENABLED=false
HTTP_LISTEN=
END
        systemctl start sovani-ops
        """,
    )
    await started(box)
    assert box.shown(TIMER, "ActiveState") == ["active"], "copies begin before the next boot"


async def test_installing_again_keeps_the_settings_and_the_shop_and_starts_it(box: Box) -> None:
    files = "/etc/sovani-ops/env /etc/polkit-1/rules.d/50-sovani-ops.rules"
    before = await inside(box, f"sha256sum {files} {DROP_IN}")
    said = await asyncio.to_thread(box.install)
    assert "sovani-ops runs: active" in said
    assert await inside(box, f"sha256sum {files} {DROP_IN}") == before
    assert "sovani-shop-bot.service" in await inside(box, f"cat {files}")
    await started(box)


async def test_a_release_is_gone_back_from_and_one_that_does_not_start_says_why(box: Box) -> None:
    current = "readlink /opt/sovani-ops/current"
    first = await inside(box, current)
    await inside(box, f"echo '# a newer release' >> {CLOSED}/bot/__init__.py")
    assert "sovani-ops runs: active" in await asyncio.to_thread(box.install)
    newer = await inside(box, current)
    assert newer != first
    assert "Back to the release of before" in await asyncio.to_thread(box.install, "--rollback")
    assert await inside(box, current) == first
    await inside(box, f"echo 'raise SystemExit(78)' >> {newer.strip()}/app/bot/settings.py")
    with pytest.raises(AssertionError, match="the release of before does not start"):
        await asyncio.to_thread(box.install, "--rollback")
    await asyncio.to_thread(box.install, "--rollback")
    assert await inside(box, current) == first
    await started(box)


async def test_it_is_hardened(box: Box) -> None:
    last = (await inside(box, f"systemd-analyze security --no-pager {UNIT} | tail -1")).split()
    level = float(next(word for word in last if word[0].isdigit()))
    assert level < 2.0
    pid = await started(box)
    assert DEMO_TOKEN not in await inside(box, f"tr '\\0' '\\n' < /proc/{pid}/environ")
    assert DEMO_TOKEN not in await inside(box, f"journalctl -u {UNIT}")


async def test_the_scheduler_is_restarted_from_the_chat_through_the_rule(
    box: Box, emulator: Emulator
) -> None:
    async with ControlClient(emulator.url) as phone:

        def dead(message: Json) -> bool:
            first = message["text"].partition("\n")[0]
            return "scheduler does not run" in first and bool(message["buttons"])

        card = await phone.wait_for(SHOP_TEAM, dead, timeout=60)
        await phone.tap_and_wait(ANN, card, "Restart scheduler")
        question = await phone.wait_for(
            SHOP_TEAM,
            lambda one: one["text"].startswith("❓ Restart scheduler") and one["buttons"],
        )
        await phone.tap_and_wait(ANN, question, "Yes: Restart scheduler")
        await phone.wait_for(
            SHOP_TEAM,
            lambda one: (
                one["message_id"] == card["message_id"] and "does not run" not in one["text"]
            ),
            timeout=60,
        )
    assert box.shown(SCHEDULER, "ActiveState") == ["active"]


async def test_nothing_else_may_be_restarted(box: Box) -> None:
    who = "setpriv --reuid=sovani-ops --regid=sovani-ops --init-groups systemctl --no-ask-password"
    for order in (
        "restart bystander",
        "stop sovani-scheduler",
        "restart sovani-bot",
        "kill sovani-shop-bot",
        "daemon-reload",
    ):
        done = await asyncio.to_thread(box.process, "bash", "-c", f"{who} {order}")
        assert done.returncode != 0, order
        assert any(words in done.stderr for words in DENIED), order
    assert box.shown("bystander.service", "ActiveState") == ["active"]


async def test_it_restarts_itself_from_the_chat_without_any_right_to(
    box: Box, emulator: Emulator
) -> None:
    before = await started(box)
    async with ControlClient(emulator.url) as phone:
        await phone.say(ANN, "/restart assistant")
        question = await phone.wait_for(
            ANN, lambda one: one["text"].startswith("❓ Restart assistant") and one["buttons"]
        )
        await phone.tap_and_wait(ANN, question, "Yes: Restart assistant")
        await changed(box, before)
        await phone.wait_for(
            ANN, lambda one: one["text"].startswith("✅ Restart assistant"), timeout=60
        )


async def test_it_comes_back_after_kill_9(box: Box) -> None:
    before = await started(box)
    await inside(box, f"kill -9 {before}")
    await changed(box, before)


async def changed(box: Box, before: str) -> str:
    def look() -> str | None:
        state, pid = box.shown(UNIT, "ActiveState", "MainPID")
        return pid if state == "active" and pid not in {before, "0"} else None

    return await asyncio.to_thread(until, look, lambda: box.run("journalctl", "-u", UNIT, "-n40"))


async def test_a_hang_is_ended_by_the_watchdog(box: Box) -> None:
    before = await started(box)
    await inside(box, f"kill -STOP {before}")
    await changed(box, before)
    assert "Watchdog timeout" in await inside(box, f"journalctl -u {UNIT}")


async def test_it_comes_back_after_a_power_cut_and_still_knows_its_card(
    box: Box, emulator: Emulator
) -> None:
    async with ControlClient(emulator.url) as phone:
        before = [one["text"] for one in await phone.messages(SHOP_TEAM)]
        await asyncio.to_thread(box.power_cut)
        await asyncio.to_thread(box.boot)
        await started(box)
        calls = (await phone.calls())["methods"].get("getupdates", 0)
        await phone.called("getUpdates", calls + 1)
        assert len(await phone.messages(SHOP_TEAM)) <= len(before) + 2  # nothing told anew


async def test_a_backup_is_made_and_taken_back(box: Box) -> None:
    said = await inside(box, "sovani-ops backup")
    copy = said.partition(":")[0].strip()
    assert copy.startswith("/var/lib/sovani-ops/backups/ops_state-")
    running = await asyncio.to_thread(box.process, "sovani-ops", "restore", copy)
    assert running.returncode == 1
    assert "already uses ops_state.db" in running.stdout + running.stderr
    await inside(box, f"systemctl stop {UNIT}; sovani-ops restore {copy}; systemctl start {UNIT}")
    await started(box)
    await inside(box, "systemctl start sovani-ops-backup.service")


async def test_a_copy_that_came_from_a_laptop_is_taken_back(box: Box) -> None:
    said = await inside(
        box,
        f"""
        mkdir -m 700 /root/copied; cd /root/copied
        cp "$(ls -d /var/lib/sovani-ops/backups/*.db | tail -1)" state.db; chmod 600 state.db
        systemctl stop {UNIT}; sovani-ops restore state.db; systemctl start {UNIT}
        """,
    )
    assert "state.db" in said
    await started(box)
    strays = "find /var/lib/sovani-ops /var/tmp -name '*.db' ! -user sovani-ops"
    assert await inside(box, f"{strays}; ls -d /var/tmp/sovani-ops-* 2> /dev/null || true") == ""


async def test_the_doctor_runs_with_the_services_rights(box: Box) -> None:
    said = await asyncio.to_thread(box.run, "sovani-ops", "doctor")
    assert "sovani_bot.db" in said
    assert "Traceback" not in said
    lines = said.splitlines()
    for what in ("Right to restart", "Own unit", "Logs of the services"):
        [line] = [one for one in lines if one.strip().startswith(what)]
        assert "● ok" in line, said


async def test_uninstalling_leaves_settings_and_tables_and_purging_leaves_nothing(
    box: Box,
) -> None:
    said = await asyncio.to_thread(box.install, "--uninstall")
    assert "still here" in said
    await inside(box, "test -e /var/lib/sovani-ops/ops_state.db; test -e /etc/sovani-ops/env")
    await inside(box, "touch /etc/polkit-1/rules.d/40-sovani-jobs.rules")
    await asyncio.to_thread(box.install, "--purge")
    await inside(box, "test ! -e /etc/polkit-1/rules.d/40-sovani-jobs.rules")
    left = await inside(
        box, "find / -xdev -name '*sovani-ops*' -not -path '/mnt/*' -not -path '/var/log/*' | sort"
    )
    assert [path for path in left.split() if not path.startswith(("/run/", "/tmp/"))] == []  # noqa: S108  # inside
