from importlib.util import find_spec
from pathlib import Path

import pytest

from bot.doctor import token
from bot.doctor._telegram import Refused
from demo.telegram import DEMO_TOKEN, Emulator
from demo.telegram.faults import Fault
from tests.doctor.patient import HANGS, NOWHERE, SECRETS, case, serving, told
from tests.edges.raw_server import as_json, http


async def test_a_token_that_telegram_knows(emulator: Emulator, tmp_path: Path) -> None:
    [result] = await token.examine(case(tmp_path, telegram_api_url=emulator.url))
    assert told(result) == ("Bot token", "ok", "Telegram knows it as @sovani_ops_bot.", "")


async def test_a_token_that_telegram_does_not_know(emulator: Emulator, tmp_path: Path) -> None:
    stranger = f"1234567890:{'x' * 35}"
    changes = {"telegram_api_url": emulator.url, "bot_token": stranger}
    [result] = await token.examine(case(tmp_path, **changes))
    assert told(result)[1:3] == ("broken", "Telegram does not know this token.")
    assert "@BotFather" in told(result)[3]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http("<html>hello</html>", media="text/html"), "answered with a web page"),
        (http("hello"), "is not the JSON it promises"),
        (as_json([1]), "is not the JSON it promises"),
        (http(b"{}", length=10), "broke off"),
        (b"ssh-2.0\r\n", "broke off"),
    ],
)
async def test_something_else_than_telegram_is_named_without_the_token(
    tmp_path: Path, answer: bytes, said: str
) -> None:
    async with serving({"*": answer}) as server:
        [result] = await token.examine(case(tmp_path, telegram_api_url=server.url))
    assert told(result)[1] == "broken"
    assert said in told(result)[2]
    assert DEMO_TOKEN not in str(result)


async def test_a_server_that_nobody_answers_at(tmp_path: Path) -> None:
    [result] = await token.examine(case(tmp_path, telegram_api_url=NOWHERE))
    assert told(result)[2].startswith("127.0.0.1:1 cannot be reached: nothing accepts")
    assert "TELEGRAM_PROXY_URL" in told(result)[3]


async def test_an_unknown_host(tmp_path: Path) -> None:
    [result] = await token.examine(case(tmp_path, telegram_api_url="http://telegram.invalid"))
    assert "telegram.invalid cannot be reached: the host name is not known" in told(result)[2]


async def test_a_server_that_hangs(tmp_path: Path) -> None:
    async with serving({"*": HANGS}) as server:
        [result] = await token.examine(case(tmp_path, seconds=0.1, telegram_api_url=server.url))
    assert "did not finish its answer" in told(result)[2]


async def test_too_many_requests_say_nothing_against_the_token(
    emulator: Emulator, tmp_path: Path
) -> None:
    emulator.state.faults.planned.append(
        Fault(method="getme", status=429, description="Too Many Requests: retry after 5")
    )
    [result] = await token.examine(case(tmp_path, telegram_api_url=emulator.url))
    assert told(result)[1] == "warning"


def test_a_trouble_of_telegrams_own_is_quoted() -> None:
    result = token.judge(Refused(code=500, words="Internal Server Error"))
    assert told(result)[1:3] == ("broken", "Telegram says: Internal Server Error")


async def test_the_proxy_is_used_and_its_password_is_not_shown(tmp_path: Path) -> None:
    me = as_json({"ok": True, "result": {"username": "by_proxy"}})
    async with serving({"*": me}) as proxy:
        address = proxy.url.replace("http://", "http://user:planted-proxy-password@")
        changes = {"telegram_api_url": "http://telegram.invalid", "telegram_proxy_url": address}
        [result, *more] = await token.examine(case(tmp_path, **changes))
    assert told(result)[2] == "Telegram knows it as @by_proxy."
    assert "telegram.invalid" in proxy.asked[0]
    assert "planted" not in str([result, *more])
    missing = find_spec("aiohttp_socks") is None
    assert [told(one)[0] for one in more] == (["Telegram proxy"] if missing else [])


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://127.0.0.1:1"])
async def test_a_proxy_that_is_of_no_use(tmp_path: Path, proxy: str) -> None:
    secrets = {**SECRETS, "telegram_proxy_url": proxy}
    [result, *_] = await token.examine(case(tmp_path, **secrets))
    assert told(result)[1] == "broken"
