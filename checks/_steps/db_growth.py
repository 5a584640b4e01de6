"""Runbook 5: the database outgrows its file or its disk."""

from bot.core.steps import diagnosis, prevention, step, symptom

STEPS = (
    symptom("size"),
    symptom("slow", asks={"Metrics": "latency"}),
    symptom("disk", asks={"Machine": "host"}),
    diagnosis("pages", asks={"Database": "db"}),
    diagnosis("tables", asks={"Tables": "tables"}),
    diagnosis("files", asks={"Database": "db"}),
    diagnosis("disks", asks={"Machine": "host"}),
    step("vacuum", does=["remediate_vacuum_db", "remediate_vacuum_full"]),
    step("archive", does=["remediate_archive"], asks={"Archives": "archives"}),
    step("indexes", does=["remediate_reindex", "remediate_analyze"]),
    step("migrate", asks={"Ready for PostgreSQL?": "postgres"}, todo=["postgres_move"]),
    prevention("monthly", schedule="vacuum"),
    prevention("retention", asks={"Retention": "retention"}, schedule="retention"),
    prevention("growth", schedule="report_weekly"),
    prevention(
        "plan",
        asks={"Ready for PostgreSQL?": "postgres"},
        todo=["postgres_server", "postgres_rehearsal", "postgres_old_file"],
    ),
)
