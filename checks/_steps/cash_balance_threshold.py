"""Runbook 3: the seller runs out of cash."""

from bot.core.steps import diagnosis, prevention, step, symptom

STEPS = (
    symptom("balance"),
    symptom("outflow", asks={"Large costs": "outflows"}),
    symptom("settlements", asks={"Cash": "cash"}),
    diagnosis("last_week", asks={"Cash": "cash"}),
    diagnosis("flows", asks={"Breakdown": "flows"}),
    diagnosis("profit", asks={"Profit": "pnl"}),
    step("large", asks={"Large costs": "outflows"}),
    step("commissions", asks={"Outliers": "outliers"}),
    step("manager", under="finance", does=["remediate_notify_admin"]),
    step("team", under="finance", does=["remediate_notify_finance"]),
    step(
        "expedite",
        under="finance",
        asks={"Letter WB": "letter WB", "Letter Ozon": "letter OZON"},
        does=["remediate_letter"],
    ),
    step("terms", under="finance", todo=["payment_terms"]),
    step("pause", under="business", todo=["pause_orders"]),
    step("receivables", under="business", todo=["collect_receivables"]),
    step("defer", under="business", todo=["defer_payments"]),
    prevention("daily", schedule="brief"),
    prevention("reserve", asks={"Cash": "cash"}),
    prevention("better_terms", schedule="report_monthly"),
    prevention("forecast", asks={"Cash": "cash"}),
)
