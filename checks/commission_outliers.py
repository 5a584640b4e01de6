"""Marketplaces take another commission than the rules say.

Sees      more than 5 sales of one marketplace with a commission over 5 % off in a week.
Explains  which articles, by how much, and the roubles at stake.
Repairs   nothing by itself: a person finds out whether the rule or the charge is wrong.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from pydantic import Field

from bot.core.model import (
    Facts,
    Json,
    Moment,
    Reading,
    Row,
    Severity,
    fires,
    ok,
    phrase,
    unknown,
)
from bot.core.runbook import Question, Runbook
from bot.core.tools import Tools
from checks import _causes, _explained
from checks._config import CheckConfig, Words, diagnose
from checks._explained import Explained
from checks._steps.commission_outliers import STEPS
from checks._values import count, number, roubles

NEEDS: Final = {
    "vw_commission_recon": [
        "d",
        "sku_id",
        "article",
        "marketplace",
        "actual_commission",
        "calc_commission",
        "delta_pct",
        "flag_outlier",
    ]
}
TOP: Final = 10
CAUSES, CHARGES = 3, 3  # on a card


class Config(CheckConfig, title="CHECKS__COMMISSION_OUTLIERS"):
    max_outliers: int = Field(
        default=5, ge=0, description="So many outliers of a marketplace are still normal."
    )
    days: int = Field(default=7, ge=1, le=90, description="How many days back it looks.")
    marketplaces: Words = Field(default=("WB", "OZON"), description="Which ones, by comma.")


def runbook(config: Config) -> Runbook:
    return Runbook(
        name="check_commission_outliers",
        title="Commission outliers",
        number=4,
        detect=partial(detect, config=config),
        diagnose=diagnose("commission_outliers", partial(diagnosis, config=config)),
        needs=NEEDS,
        questions=[
            Question(
                name="show_outliers",
                label="Show outliers",
                template="commission_outliers/outliers.html.j2",
                read=partial(outliers, config=config),
                suggests=_causes.suggested,
            )
        ],
        remediations=["remediate_notify_finance"],
        keeps=("outliers", "at_stake_rub", "rows"),
        depends_on=("check_ingest_success_rate",),
        steps=STEPS,
        **config.pace,
    )


async def detect(tools: Tools, at: Moment, *, config: Config) -> list[Reading]:
    sums = await _sums(tools, at, config)
    off = [row for row in sums if count(row["outliers"]) > config.max_outliers]
    why = await _explained.read(tools, off, **_window(at, config)) if off else Explained()
    return judge(sums, at, config, why)


async def diagnosis(tools: Tools, at: Moment, *, config: Config) -> Facts:
    sums = await _sums(tools, at, config)
    worst = await tools.shop.rows(
        "commission_outliers/worst.sql.j2", **_window(at, config), marketplace=None, top=TOP
    )
    return {
        "days": config.days,
        "marketplaces": [
            {"marketplace": str(row["marketplace"]), **totals(row, config)} for row in sums
        ],
        "worst": worst_facts(worst),
    }


async def outliers(tools: Tools, at: Moment, *, config: Config) -> Facts:
    """Read the ten with the most roubles at stake, and why they may be off."""
    facts = await diagnosis(tools, at, config=config)
    causes = await _causes.read(tools, **_window(at, config)) or []
    return {**facts, "causes": causes[:TOP], "more_causes": max(0, len(causes) - TOP)}


async def _sums(tools: Tools, at: Moment, config: Config) -> Sequence[Row]:
    await tools.shop.require(NEEDS)
    return await tools.shop.rows("commission_outliers/sums.sql.j2", **_window(at, config))


def _window(at: Moment, config: Config) -> dict[str, str]:
    return {
        "since": (at.today - timedelta(days=config.days)).isoformat(),
        "until": (at.today + timedelta(days=1)).isoformat(),
    }


def judge(sums: Sequence[Row], at: Moment, config: Config, why: Explained) -> list[Reading]:
    """One reading a marketplace: those of the settings, of the rows and of open alerts."""
    found = {str(row["marketplace"]): row for row in sums if row["marketplace"] is not None}
    expected = {**dict.fromkeys(config.marketplaces), **found, **dict.fromkeys(at.open)}
    return [
        _judge_one(name, found[name], config, why)
        if name in found
        # A seller may be on one marketplace only; that nothing at all came is not normal.
        else unknown(name, phrase("commission_no_rows", days=config.days), idle=bool(found))
        for name in expected
    ]


def _judge_one(name: str, row: Row, config: Config, why: Explained) -> Reading:
    if not count(row["judged_rows"]):
        return unknown(
            name, phrase("commission_no_rules", rows=count(row["total_rows"]), days=config.days)
        )
    facts = totals(row, config)
    if count(row["outliers"]) > config.max_outliers:
        worst = worst_facts(why.worst.get(name, ()))
        causes = [one for one in why.causes if one["marketplace"] == name][:CAUSES]
        charges = [one for one in why.charges if one["marketplace"] == name][:CHARGES]
        more: dict[str, Json] = {"worst": worst, "causes": causes, "charges": charges}
        return fires(name, Severity.WARNING, **facts, **more)
    return ok(name, **facts)


def totals(row: Row, config: Config) -> dict[str, Json]:
    """`overcharged_rub` is the part of `at_stake_rub` that was taken too much."""
    return {
        "outliers": count(row["outliers"]),
        "max_outliers": config.max_outliers,
        "at_stake_rub": roubles(row["at_stake_rub"]),
        "overcharged_rub": roubles(row["overcharged_rub"]),
        "rows": count(row["total_rows"]),
        "without_rule": count(row["total_rows"]) - count(row["judged_rows"]),
        "days": config.days,
    }


def worst_facts(rows: Sequence[Row]) -> list[dict[str, str | float | None]]:
    return [
        {
            "day": str(row["day"]),
            "article": str(row["article"] or row["sku_id"]),
            "marketplace": str(row["marketplace"]),
            "delta_pct": number(row["delta_pct"]),
            "delta_rub": roubles(row["delta_rub"]),
        }
        for row in rows
    ]
