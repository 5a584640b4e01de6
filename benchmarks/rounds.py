"""One round of all checks on a shop of ten million sales.

Compared with shops of a million: the same shop when it was younger (as many sales a day, a
tenth of the history), which tells whether checks get slower as a shop ages, and a smaller shop
of the same age, which tells what more sales a day cost.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from statistics import median
from typing import Any

from benchmarks import Options
from benchmarks._report import Bar, Report, Table, figure
from benchmarks._shops import ShopPlan, forget_cached, shop_file
from benchmarks._watched_shop import Round, WatchedShop, watched

ALL_MS = 300.0
RATIO = 1.5
YEARS = 1095  # days: three years
YOUNG, SMALL, BIG, RED = "young", "small", "big", "big, all red"
EVERYTHING_FIRES: Mapping[str, Mapping[str, Any]] = {
    "api_latency_p95": {"slo_api_latency_p95_ms": 0.001},
    "cash_balance_threshold": {"cf_negative_balance_alert_threshold": 1e12},
    "commission_outliers": {"max_outliers": 0},
    "db_growth": {"warn_bytes": 1},
    "ingest_success_rate": {"slo_ingest_success_rate_pct": 100},
}


async def run(options: Options) -> Report:
    big = 1_000_000 if options.quick else 10_000_000
    plans = {
        YOUNG: ShopPlan(rows=big // 10, days=round(YEARS / 10)),
        SMALL: ShopPlan(rows=big // 10, days=YEARS),
        BIG: ShopPlan(rows=big, days=YEARS),
    }
    files = {name: shop_file(options.folder, plan) for name, plan in plans.items()}
    files[RED] = files[BIG]
    async with AsyncExitStack() as stack:
        shops = {
            name: await stack.enter_async_context(
                watched(path, EVERYTHING_FIRES if name == RED else None)
            )
            for name, path in files.items()
        }
        warm = await _warm(shops, times=5 if options.quick else 15)
        forget_cached(files[BIG])
        cold = await shops[BIG].round()
    return _report(plans, warm, cold)


async def _warm(shops: Mapping[str, WatchedShop], times: int) -> dict[str, list[list[Round]]]:
    """Rounds of all shops in turn, so that what else the machine does hits all alike."""
    for shop in shops.values():
        await shop.round()  # loads templates, takes the first scrape
        await shop.visit()
    taken: dict[str, list[list[Round]]] = {name: [] for name in shops}
    for _ in range(times):
        for name, shop in shops.items():
            taken[name].append(await shop.round())
    return taken


def _report(
    plans: Mapping[str, ShopPlan],
    warm: Mapping[str, Sequence[Sequence[Round]]],
    cold: Sequence[Round],
) -> Report:
    totals = {name: [_database_ms(one) for one in rounds] for name, rounds in warm.items()}
    paired = zip(totals[BIG], totals[YOUNG], strict=True)
    bars = [
        Bar(
            what=f"all checks on {plans[BIG].rows:,} rows, in the database",
            measured=median(totals[BIG]),
            limit=ALL_MS,
            unit=" ms",
        ),
        Bar(
            what=f"the same against {plans[YOUNG].rows:,} rows, as many sales a day",
            measured=median(big / young for big, young in paired),
            limit=RATIO,
            unit="×",
        ),
    ]
    return Report(
        title="One round of all checks",
        bars=bars,
        tables=[_by_check(warm), _by_question(warm)],
        notes=_notes(plans, totals, _database_ms(cold)),
    )


def _notes(
    plans: Mapping[str, ShopPlan], totals: Mapping[str, Sequence[float]], cold_ms: float
) -> list[str]:
    shops = [
        f"{name}: {plan.rows:,} rows, {plan.days} days, {plan.rows // plan.days:,} a day"
        for name, plan in plans.items()
    ]
    larger = figure(median(totals[BIG]) / median(totals[SMALL]))
    return [
        *shops,
        f"{RED}: as {BIG}, with thresholds that make every check fire that can",
        f"{BIG}, first round with a cold file cache: {figure(cold_ms)} ms in the database",
        f"{BIG} against {SMALL}, as old with a tenth of the sales a day: {larger}×",
        "the checks read a week of sales: their cost follows it, not the history",
        f"medians of {len(totals[BIG])} rounds, the shops in turn",
        "database: from a question to its answer, with thread, opening of the file and SQL",
    ]


def _by_check(warm: Mapping[str, Sequence[Sequence[Round]]]) -> Table:
    names = list(warm)
    head = ["check: wall / database, ms", *names]
    rows = []
    for place, example in enumerate(warm[BIG][0]):
        cells = []
        for name in names:
            looks = [one[place] for one in warm[name]]
            wall, inside = (
                median(1000 * value for value in values)
                for values in ([look.wall for look in looks], [look.database for look in looks])
            )
            cells.append(f"{figure(wall)} / {figure(inside)} ({looks[-1].status})")
        rows.append([example.check.removeprefix("check_"), *cells])
    sums = [
        f"{figure(median(_wall_ms(one) for one in warm[name]))} / "
        f"{figure(median(_database_ms(one) for one in warm[name]))}"
        for name in names
    ]
    return Table(head=head, rows=[*rows, ["all", *sums]])


def _by_question(warm: Mapping[str, Sequence[Sequence[Round]]]) -> Table:
    questions = dict.fromkeys(question for one in warm[RED][0] for question in one.questions)
    rows = [
        [question, *(figure(_question_ms(rounds, question)) for rounds in warm.values())]
        for question in questions
    ]
    return Table(head=["question, ms in a round", *warm], rows=rows)


def _question_ms(rounds: Sequence[Sequence[Round]], question: str) -> float:
    return 1000 * median(sum(one.questions.get(question, 0.0) for one in r) for r in rounds)


def _database_ms(looks: Sequence[Round]) -> float:
    return 1000 * sum(look.database for look in looks)


def _wall_ms(looks: Sequence[Round]) -> float:
    return 1000 * sum(look.wall for look in looks)
