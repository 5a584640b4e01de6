"""Each check keeps numbers over time, and each one it names is a number of its readings."""

from dataclasses import replace
from datetime import timedelta

from bot.core.runbook import Runbook
from bot.core.series import name_of, of_round
from bot.core.tools import Sample, Tools
from tests.checks.fakes import FakeWeb, moment
from tests.checks.shop import ONE_DAY, Shop
from tests.checks.test_api_latency_p95 import FAST, Api


def called(service: str, times: float) -> Sample:
    labels = {"service": service, "endpoint": "/sales", "status": "200"}
    return Sample("external_api_requests_total", labels, times)


async def test_every_number_that_is_to_be_kept_is_there(
    shop: Shop, tools: Tools, runbooks: dict[str, Runbook]
) -> None:
    shop.stock_skus()
    shop.rule("WB")
    shop.sell_daily(moment().yesterday)
    for n in range(12):
        day = moment().today - n * ONE_DAY
        shop.flow(day, -1)
        shop.job("collect_yesterday_data", f"{day} 02:00:00")
        shop.job("recalc_recent_metrics", f"{day} 03:00:00")
    api = Api()
    kept: dict[str, set[str]] = {name: set() for name in runbooks}
    for minutes in (0, 5):  # latency is the difference of two looks
        api.serve(100, FAST)
        calls = called("wb", 40 + minutes)
        seeing = replace(tools, web=FakeWeb([*api.metrics(), calls]))
        at = moment(moment().now + timedelta(minutes=minutes))
        for name, runbook in runbooks.items():
            readings = await runbook.detect(seeing, at)
            samples = of_round(name, runbook.keeps, readings)
            kept[name] |= {one.name.partition(":")[0] for one in samples}

    wanted = {
        name: {name_of(name), *(name_of(name, fact) for fact in runbook.keeps)}
        for name, runbook in runbooks.items()
    }
    assert kept == wanted
    assert sum(len(runbook.keeps) for runbook in runbooks.values()) > 10
