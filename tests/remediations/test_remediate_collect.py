"""Collect: one day, never beside a running job, and done only when the sales are there."""

from dataclasses import replace

import pytest

from bot.core.model import Facts, Row, Scalar, Unreadable, phrase
from bot.core.runbook import ActionFailed, Refused
from bot.remediations.remediate_collect import remediation
from tests.remediations.fakes import JOB, FakeJobs, tools

DAY = replace(JOB, args={"date": "2026-11-21"})


class Shop:
    """Sales by marketplace on the day, and jobs under way."""

    def __init__(self, rows: dict[str, int], running: tuple[str, ...] | None = ()) -> None:
        self.sales, self.running = rows, running

    async def rows(self, query: str, /, **_binds: Scalar) -> list[Row]:
        match query.rpartition("/")[2]:
            case "running_jobs.sql.j2":
                if self.running is None:
                    raise Unreadable(phrase("shop_missing"))
                return [{"job_name": name} for name in self.running]
            case "sold_lately.sql.j2":
                return [{"marketplace": "WB"}, {"marketplace": "OZON"}]
            case _:
                return [{"marketplace": m, "row_count": n} for m, n in self.sales.items()]


async def test_the_question_says_what_is_there_and_what_is_missing() -> None:
    found = await remediation().preflight(tools(shop=Shop({"OZON": 7}), jobs=FakeJobs()), DAY)
    assert found == {"rows": {"WB": 0, "OZON": 7}}


@pytest.mark.parametrize("day", ["2026-11-22", "2026-12-01", "2026-01-01"])
async def test_days_that_are_not_over_or_long_gone_are_refused(day: str) -> None:
    given = tools(shop=Shop({}), jobs=FakeJobs())
    found = await remediation().preflight(given, replace(JOB, args={"date": day}))
    assert isinstance(found, Refused)
    assert found.why.key == "collect_day"


async def test_beside_a_running_job_it_is_refused() -> None:
    given = tools(shop=Shop({}, ("collect_yesterday_data",)), jobs=FakeJobs())
    found = await remediation().preflight(given, DAY)
    assert isinstance(found, Refused)
    assert found.why.key == "job_running"


async def test_an_older_shop_without_a_list_of_jobs_is_collected_all_the_same() -> None:
    given = tools(shop=Shop({"WB": 1}, None), jobs=FakeJobs())
    assert not isinstance(await remediation().preflight(given, DAY), Refused)


async def test_where_no_setting_says_how_it_is_refused() -> None:
    found = await remediation().preflight(tools(shop=Shop({}), jobs=FakeJobs(names=())), DAY)
    assert isinstance(found, Refused)
    assert found.why.key == "job_not_set"


async def test_it_is_started_once_with_its_day_and_key() -> None:
    jobs = FakeJobs({"result": {}})
    shown: list[Facts] = []

    async def progress(facts: Facts) -> None:
        shown.append(facts)

    await remediation().act(tools(jobs=jobs), replace(DAY, progress=progress))
    assert jobs.calls == [("collect", {"date": "2026-11-21"}, JOB.key)]
    assert shown == [{"phase": "job_works"}]


async def test_a_day_that_stays_empty_was_not_collected() -> None:
    verify = remediation().verify
    assert verify is not None
    assert await verify(tools(shop=Shop({"WB": 3, "OZON": 7})), DAY, {}) == {
        "rows": {"WB": 3, "OZON": 7}
    }
    with pytest.raises(ActionFailed) as failed:
        await verify(tools(shop=Shop({"OZON": 7})), DAY, {})
    assert failed.value.why.values["names"] == "WB"
