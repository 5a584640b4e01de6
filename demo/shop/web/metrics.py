"""What `/metrics` shows, under the names of SoVAni."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

BUCKETS = (0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One registry a process, so that tests can have several."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self.duration = Histogram(
            "http_request_duration_seconds",
            "HTTP request duration in seconds",
            ["method", "endpoint"],
            buckets=BUCKETS,
            registry=registry,
        )
        self.requests = Counter(
            "http_requests_total",
            "Total HTTP requests",
            ["method", "endpoint", "status"],
            registry=registry,
        )
        self.external = Counter(
            "external_api_requests_total",
            "Requests to external APIs",
            ["service", "endpoint", "status"],
            registry=registry,
        )
        self.jobs = Counter(
            "scheduler_jobs_total", "Runs of jobs", ["job_name", "status"], registry=registry
        )
        self.job_duration = Histogram(
            "scheduler_job_duration_seconds",
            "Duration of jobs in seconds",
            ["job_name"],
            registry=registry,
        )
        self.errors = Counter(
            "errors_total", "Errors", ["error_type", "component"], registry=registry
        )
        self.unscoped = Counter(
            "tenant_unscoped_query_total", "Queries without a tenant", registry=registry
        )
