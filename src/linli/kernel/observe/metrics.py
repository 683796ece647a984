"""What is measured, for Prometheus.

Several web workers answer for one address: under `serve` each writes its numbers into files of a folder that
`PROMETHEUS_MULTIPROC_DIR` names, and whoever is asked adds them up.
"""

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

REQUEST_SECONDS = Histogram(
    "linli_request_seconds",
    "Time from the arrival of a request to its answer.",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)
JOBS = Counter("linli_jobs_total", "Rounds of background work, by kind and outcome.", ["kind", "outcome"])
EVENT_LAG = Gauge(
    "linli_event_lag_seconds",
    "Age of the oldest event that a consumer has not read.",
    ["consumer"],
    multiprocess_mode="mostrecent",
)
RESTARTS = Counter("linli_restarts_total", "Processes that had to be started again.", ["process"])

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition() -> bytes:
    """All figures in Prometheus' text format, summed over the processes of this installation."""
    if os.environ.get(FOLDER_VARIABLE):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        return generate_latest(registry)
    return generate_latest(REGISTRY)
