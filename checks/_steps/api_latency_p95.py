"""Runbook 1: the web API is slow."""

from bot.core.steps import diagnosis, prevention, step, symptom

STEPS = (
    symptom("p95"),
    symptom("complaints"),
    symptom("timeouts"),
    diagnosis("metrics", asks={"Metrics": "latency"}),
    diagnosis("connections", asks={"Database": "db"}),
    diagnosis("resources", asks={"Machine": "host"}),
    step("plan", asks={"Query plan": "explain inventory"}),
    step("cache", does=["remediate_clear_cache"]),
    step("markets", asks={"Check WB/Ozon": "net"}),
    step("restart", does=["remediate_restart_bot", "remediate_restart_web"]),
    prevention("vacuum", schedule="vacuum"),
    prevention("queries", schedule="report_weekly"),
    prevention("pool", asks={"Database": "db"}),
    prevention("caching", asks={"Metrics": "latency"}),
)
