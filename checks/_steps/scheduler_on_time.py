"""Runbook 6: jobs do not run as they should."""

from bot.core.steps import diagnosis, prevention, step, symptom

STEPS = (
    symptom("late", asks={"Jobs": "jobs"}),
    symptom("missing", asks={"Sales by day": "ingest"}),
    symptom("rate", asks={"Service level": "slo scheduler"}),
    diagnosis("status", asks={"Scheduler": "svc scheduler"}),
    diagnosis("last_hour", asks={"Logs 1h": "logs scheduler 60"}),
    diagnosis("errors", asks={"Errors 24h": "logs scheduler 1440 error"}),
    diagnosis("resources", asks={"Machine": "host"}),
    step("restart", does=["remediate_restart_scheduler"], asks={"Scheduler": "svc scheduler"}),
    step("config", asks={"Config": "config scheduler"}),
    step("by_hand", does=["remediate_collect", "remediate_recalc"]),
    step("tracebacks", asks={"Traceback": "logs scheduler 1440 traceback"}),
    prevention("metrics", asks={"Jobs": "jobs"}),
    prevention("heartbeats", asks={"Heartbeats": "beats"}),
    prevention("timeouts", does=["remediate_stop_job"]),
    prevention("redundancy", schedule="missed_jobs"),
)
