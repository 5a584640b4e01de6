"""Runbook 7: keys of the marketplaces end."""

from bot.core.steps import diagnosis, prevention, step, symptom

STEPS = (
    symptom("ends"),
    symptom("refused", asks={"Sales by day": "ingest"}),
    diagnosis("which", asks={"Keys": "tokens"}),
    step("verify", asks={"Check keys": "tokens live"}),
    step("make"),
    step("install", does=["remediate_restart_bot", "remediate_restart_web"]),
    step("spare"),
    step("ours", does=["remediate_restart_assistant"]),
    prevention("spares"),
    prevention("scopes"),
)
