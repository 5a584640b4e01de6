"""Runbook 2: sales do not come in."""

from bot.core.steps import diagnosis, prevention, step, symptom

STEPS = (
    symptom("no_sales"),
    symptom("rate", asks={"Service level": "slo ingest"}),
    symptom("empty", asks={"Sales by day": "ingest"}),
    diagnosis("last_day", asks={"Sales by day": "ingest"}),
    diagnosis("logs", asks={"Ingest": "logs scheduler 60 ingest"}),
    diagnosis("keys", asks={"Keys": "tokens"}),
    step("verify", asks={"Check keys": "tokens live"}),
    step("limits", asks={"Limits": "limits", "Rate 24h": "logs scheduler 1440 rate"}),
    step("collect", does=["remediate_collect"]),
    step("network", asks={"Check WB/Ozon": "net"}),
    prevention("expiry", asks={"Keys": "tokens"}),
    prevention("spares", todo=["backup_token"]),
    prevention("retries", schedule="missed_jobs"),
    prevention("in_a_row"),
)
