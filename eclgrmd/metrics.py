"""The metrics of a daemon, in the format of Prometheus."""

from collections.abc import Mapping
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from eclgrmd import __version__

__all__ = ["Metrics"]

_SECONDS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""Bucket limits of durations, two per decade: from the quick look (milliseconds) to long tasks."""


class Metrics:
    """The metrics of one daemon.

    Those of the database (`tasks`, `figures`, `queue_age`, `figures_age`, `transfers`,
    `unannounced`, `dead_letters`, `kept`) are the same in all daemons that share it: take the
    maximum, not the sum.
    """

    content_type = CONTENT_TYPE_LATEST
    """MIME type of the encoded metrics."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        Info("eclgrmd", "The version that runs.", registry=self._registry).info(
            {"version": __version__}
        )
        self.stages = self._histogram(
            "stage_seconds", "Time that a stage of the processing took.", "stage"
        )
        """Stages are `receive`, `wait` (creation to claim), the steps of the analysis, and
        `announce`."""
        self.attempts = self._histogram(
            "attempt_seconds", "Time of one attempt at a task.", "analysis", "state"
        )
        self.drawings = self._histogram(
            "drawing_seconds", "Time of one attempt at the figures of a task.", "state"
        )
        self.announced = self._histogram(
            "announced_seconds",
            "Time until NATS had what was announced, since all inputs of the task were there (or "
            "since its figures were requested).",
            "what",
        )
        """What: `numbers`, the result of a task; `products`, all its products."""
        self.requests = self._histogram(
            "http_request_seconds", "Time to answer a request.", "method", "route", "status"
        )
        self.limited = self._counter(
            "http_limited", "Requests that were refused by a limit (429).", "limit"
        )
        """Limits are `requests`, `uploads`, `previews` and `streams` of one client or in total, and
        `tasks`."""
        self.previews = self._histogram("preview_seconds", "Time to answer a preview.", "outcome")
        """Outcomes: `quick`, or `rerun` where only a re-run can tell."""
        self.preview_sessions = self._gauge(
            "preview_sessions", "Processes that keep the data of a burst for previews."
        )
        self.data_files = self._counter("data_files", "Data files received.", "state")
        self.faults = self._counter("task_faults", "Attempts that ended their worker.", "analysis")
        self.log_lines = self._counter("log_lines", "Lines written to the log.", "level")

        self.tasks = self._gauge("tasks", "Tasks in the database.", "state", "analysis")
        self.figures = self._gauge("figures", "Tasks with figures, by the state of these.", "state")
        self.figures_age = self._gauge(
            "figures_age_seconds", "Age of the oldest figures still to be drawn."
        )
        self.queue_age = self._gauge("queue_age_seconds", "Age of the oldest queued task.")
        self.transfers = self._gauge("transfers", "Announced files being fetched.")
        self.unannounced = self._gauge("unannounced", "Announcements not yet published.")
        self.oldest_announcement = self._gauge(
            "oldest_announcement_seconds", "Age of the oldest announcement not yet published."
        )
        self.dead_letters = self._gauge("dead_letters", "Announcements that NATS refused for good.")
        self.packets_set_aside = self._gauge(
            "packets_set_aside", "Packets left out of the quick look since the start.", "cause"
        )
        self.kept = self._gauge("kept_bytes", "Size of the kept files.", "what")
        self.free = self._gauge("free_bytes", "Free space where files are kept.")
        self.reserve = self._gauge("reserve_bytes", "Free space below which data are refused.")
        self.up = self._gauge("up", "Whether a dependency works.", "what")
        self.ready = self._gauge("ready", "Whether everything works.")
        self.round_trip = self._gauge("round_trip_seconds", "Time to a server and back.", "server")
        self.workers = self._gauge("workers", "Worker processes.", "pool", "state")
        self.calls_waiting = self._gauge("calls_waiting", "Calls that wait for a worker.", "pool")
        self.worker_deaths = self._gauge("worker_deaths", "Workers replaced.", "pool")

    def hear(self, fields: Mapping[str, Any]) -> None:
        """Count a log line of a worker; those about steps of an analysis contain its duration."""
        if fields.get("event") == "stage done":
            self.stages.labels(fields["stage"]).observe(fields["stage_s"])

    def encode(self) -> bytes:
        """Return all metrics as text."""
        return generate_latest(self._registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"eclgrmd_{name}", text, labels, buckets=_SECONDS, registry=self._registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"eclgrmd_{name}", text, labels, registry=self._registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"eclgrmd_{name}", text, labels, registry=self._registry)
