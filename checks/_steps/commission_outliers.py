"""Runbook 4: commissions are not what the rules say."""

from bot.core.steps import WEEK_AGO, diagnosis, prevention, step, symptom

STEPS = (
    symptom("variances"),
    symptom("charges"),
    symptom("differ", asks={"Weekly": "report"}),
    diagnosis("outliers", asks={"Outliers": "outliers"}),
    diagnosis("rules", asks={"Rules WB": "rules WB", "Rules Ozon": "rules OZON"}),
    step("cause", asks={"Show outliers": "show_outliers"}, told=["cause"]),
    step("rate", does=["remediate_rate"]),
    step("reconcile", does=[f"remediate_reconcile {WEEK_AGO} yesterday"]),
    step("explain", under="document", told=["note"]),
    step(
        "rule_log",
        under="document",
        asks={"Rate changes": "rulelog"},
        todo=["rules_document"],
    ),
    step("finance", under="document", does=["remediate_notify_finance"]),
    prevention("news", schedule="rule_news"),
    prevention("automate", asks={"Tariffs": "tariffs"}),
    prevention("monthly", schedule="review"),
    prevention("history", asks={"Rate changes": "rulelog"}),
)
