"""The jobs of the schedule: last runs, how long they take, what fails, what is due next."""

from collections.abc import Mapping, Sequence

from bot.core import attempts
from bot.core.keyboard import Key
from bot.core.model import Json, Row, Unreadable, phrase
from bot.core.params import Param
from bot.core.question import Asking, Chart, Command, Page
from bot.core.verbs import Verb
from bot.questions._values import number, rows

CHECK = "check_scheduler_on_time"
SHOWN_RUNS, SHOWN_JOBS = 10, 12
IN_CHART = 60
FEWEST = 2  # a line has two ends
ONE = Param(name="job", default="", pattern=r"[\w.:\-]{1,64}", like="collect_yesterday_data")


def command() -> Command:
    return Command(
        name="jobs",
        about="Jobs: last runs, durations, failures, next due; of one with a chart",
        read=read,
        params=[ONE],
        place=64,
        runbooks=[6],
        table=table,
    )


async def read(asking: Asking) -> Page:
    jobs = await _jobs(asking)
    again = await _again(asking)
    wanted = asking.word("job")
    if not wanted:
        return Page(
            template="answers/jobs.html.j2",
            values={
                "jobs": jobs[:SHOWN_JOBS],
                "more": max(0, len(jobs) - SHOWN_JOBS),
                "one": None,
                "again": again,
            },
            keys=[[Key(str(job["job"]), Verb.ASK, f"jobs {job['job']}")] for job in jobs[:6]],
        )
    job = _one(jobs, wanted)
    runs = rows(job["runs"])
    shown = runs[::-1][:SHOWN_RUNS]
    return Page(
        template="answers/jobs.html.j2",
        values={
            "jobs": [job],
            "more": 0,
            "one": job,
            "runs": shown,
            "total": len(runs),
            "again": again,
        },
        keys=[
            [
                Key("All jobs", Verb.ASK, "jobs"),
                Key("Service level", Verb.ASK, "slo 30 scheduler"),
            ]
        ],
        chart=chart(job, runs),
    )


async def table(asking: Asking) -> Sequence[Row]:
    """Each run of the job that was asked for, or of all."""
    jobs = await _jobs(asking)
    wanted = asking.word("job")
    chosen = [_one(jobs, wanted)] if wanted else jobs
    return [{"job": str(job["job"]), **run} for job in chosen for run in rows(job["runs"])]


async def _again(asking: Asking) -> Mapping[str, Json]:
    """Missed jobs that the assistant starts again, by name: `at`, `number`, `most`."""
    return await asking.store.read(lambda tx: attempts.known(tx, asking.book.plans))


async def _jobs(asking: Asking) -> list[Mapping[str, Json]]:
    facts = await asking.book.runbooks[CHECK].details["jobs"](asking.tools, asking.moment)
    jobs = facts["jobs"]
    return [one for one in jobs if isinstance(one, dict)] if isinstance(jobs, list) else []


def _one(jobs: Sequence[Mapping[str, Json]], wanted: str) -> Mapping[str, Json]:
    """The job of this name, or the only one whose name begins so."""
    named = [job for job in jobs if job["job"] == wanted]
    found = named or [job for job in jobs if str(job["job"]).startswith(wanted)]
    if len(found) != 1:
        raise Unreadable(
            phrase("job_unknown", job=wanted, known=[str(job["job"]) for job in jobs][:SHOWN_JOBS])
        )
    return found[0]


def chart(job: Mapping[str, Json], runs: Sequence[Row]) -> Chart | None:
    """How long each run took, with the length that is too long."""
    timed = [run for run in runs if number(run["seconds"]) is not None][-IN_CHART:]
    if len(timed) < FEWEST:
        return None
    return Chart(
        title=phrase("chart_job", job=job["job"], count=len(timed)),
        unit="s",
        days=[str(run["started"])[:10] for run in timed],
        lines={"chart_seconds": [number(run["seconds"]) or 0.0 for run in timed]},
        limit=number(job["limit_sec"]),
    )
