"""`python -m demo.shop.data --out FILE [--rows 10000000]`: build a shop's database."""

import argparse
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from demo.shop.clock import business_yesterday, utc_now
from demo.shop.data.build import Plan, build
from demo.shop.data.sales import SEED
from demo.shop.schedule import parse_schedule

YEARS_AT_SCALE = 1095  # days that a file of a given number of rows spans


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo.shop.data", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--rows", type=int, help="sales in all; grows the number of SKUs")
    parser.add_argument("--days", type=int, help="90, or 1095 with --rows")
    parser.add_argument("--skus", type=int, default=500, help="without --rows")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--timezone", type=ZoneInfo, default=ZoneInfo("Europe/Moscow"))
    parser.add_argument("--today", type=date.fromisoformat, help="the shop ends on its eve")
    parser.add_argument("--jobs", help="JSON of job to cron for the last day's job_runs")
    return parser


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    options = _arguments().parse_args()
    now = utc_now()
    yesterday = business_yesterday(now, options.timezone)
    if options.today:
        yesterday = options.today - timedelta(days=1)
    plan = Plan(
        yesterday=yesterday,
        now=now,
        days=options.days or (YEARS_AT_SCALE if options.rows else 90),
        skus=options.skus,
        rows=options.rows,
        seed=options.seed,
        jobs=parse_schedule(options.jobs),
    )
    started = time.monotonic()
    build(options.out, plan, _say)
    size = options.out.stat().st_size / 1e6
    _say(f"{options.out}: {size:.0f} MB in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
