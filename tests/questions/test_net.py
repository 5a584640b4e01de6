"""What `/net` says, as people read it: DNS, network, their side or our key."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.markets import Answer, Echo, Market, Path, Reach, Stage, Verdict
from bot.core.model import phrase
from bot.edges.templates import Templates, plain
from bot.questions.net import shown
from tests.conftest import NOON


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(zone=ZoneInfo("Europe/Moscow"), clock=lambda: NOON)


WAY = Path(
    host="statistics-api.wildberries.ru",
    stage=Stage.HTTP,
    addresses=2,
    dns_ms=12.4,
    connect_ms=31.0,
    tls_ms=48.9,
    certificate_until=NOON + timedelta(days=60),
)
WORKS = Answer(at=NOON, verdict=Verdict.WORKS, status=200, ms=80)
WB = Reach(market=Market.WILDBERRIES, path=WAY, answer=WORKS)
WEB = Reach(
    market=Market.WEB_API,
    path=Path(host="localhost", stage=Stage.HTTP, dns_ms=0.1, connect_ms=0.2),
    answer=replace(WORKS, ms=3.2),
)


def text(templates: Templates, *reached: Reach) -> list[str]:
    page = templates.render("answers/net.html.j2", **shown(reached))
    assert len(page) < 4096
    return plain(page).replace("\N{NARROW NO-BREAK SPACE}", " ").splitlines()


def stopped(stage: Stage, key: str, **more: object) -> Reach:
    why = phrase(key, port=443, seconds=3, said="self-signed certificate")
    path = replace(Path(host="api-seller.ozon.ru", stage=stage, why=why), **more)  # type: ignore[arg-type]
    return Reach(market=Market.OZON, path=path)


@pytest.mark.parametrize(
    ("echo", "line"),
    [
        (Echo(sent=3, back_ms=[12.0, 14.0, 13.0]), "ping 3 of 3        13 ms"),
        (Echo(sent=3, back_ms=[40.0]), "ping 1 of 3        40 ms"),
        (Echo(sent=3), "ping 0 of 3      no echo"),
        (Echo(allowed=False), "ping not allowed here"),
    ],
)
def test_a_ping_is_one_line_and_decides_nothing(
    templates: Templates, echo: Echo, line: str
) -> None:
    lines = text(templates, replace(WB, path=replace(WAY, echo=echo)))
    assert lines[0] == "✅ Everything answers"
    assert line in lines


def test_a_host_that_takes_no_connection_may_still_answer_pings(templates: Templates) -> None:
    echo = Echo(sent=3, back_ms=[12.0, 14.0, 13.0])
    assert "ping 3 of 3        13 ms" in text(
        templates, stopped(Stage.NETWORK, "net_refused", echo=echo)
    )


def test_all_is_well(templates: Templates) -> None:
    assert text(templates, WB, WEB) == [
        "✅ Everything answers",
        "",
        "✅ Wildberries statistics-api.wildberries.ru",
        "answers",
        "DNS                12 ms",
        "connection         31 ms",
        "TLS                49 ms",
        "answer             80 ms",
        "certificate    to 22 Jan",
        "",
        "✅ Web API localhost",
        "answers",
        "DNS                 0 ms",
        "connection          0 ms",
        "answer              3 ms",
        "Answers are kept for a minute: the marketplaces count every call.",
    ]


@pytest.mark.parametrize(
    ("reach", "line"),
    [
        (
            stopped(Stage.DNS, "net_dns_unknown", second=True),
            "DNS: the name is not known here. Another resolver knows it: mend ours.",
        ),
        (
            stopped(Stage.DNS, "net_dns_unknown", second=False),
            "DNS: the name is not known here. Another resolver does not know it either.",
        ),
        (stopped(Stage.DNS, "net_dns_silent"), "DNS: the resolver did not answer within 3 s."),
        (
            stopped(Stage.NETWORK, "net_silent"),
            "Network: port 443 does not answer: a firewall, or the host is down.",
        ),
        (
            stopped(Stage.TLS, "net_certificate"),
            "TLS: its certificate is not to be trusted: self-signed certificate",
        ),
        (
            stopped(Stage.ADDRESS, "net_no_address"),
            "Its setting is no address, such as https://example.com.",
        ),
        (
            replace(
                WB,
                answer=replace(WORKS, verdict=Verdict.LIMITED, until=NOON + timedelta(minutes=1)),
            ),
            "Rate limited until 15:01; nothing is asked before",
        ),
        (
            replace(WB, answer=replace(WORKS, verdict=Verdict.THEIR_SIDE, status=503)),
            "Their side: an error of their own (HTTP 503)",
        ),
        (
            replace(WB, answer=replace(WORKS, verdict=Verdict.PAGE, status=200)),
            "In between: a web page answers (HTTP 200); a firewall or the provider?",
        ),
        (
            replace(WB, answer=replace(WORKS, verdict=Verdict.UNSET)),
            "answers; we have no key to show",
        ),
    ],
)
def test_each_trouble_has_its_words(reach: Reach, line: str, templates: Templates) -> None:
    assert line in text(templates, reach, WEB)


def test_one_line_above_says_whose_turn_it_is(templates: Templates) -> None:
    dns, net = stopped(Stage.DNS, "net_dns_unknown"), stopped(Stage.NETWORK, "net_silent")
    assert text(templates, dns, dns)[0] == "🔴 DNS: no host name is known"
    assert text(templates, net, net)[0] == "🔴 Network: nothing can be reached"
    assert text(templates, WB, net)[0] == "🟠 Not everything answers"
    assert text(templates)[0] == "⚪ Nothing is set up to be asked"
