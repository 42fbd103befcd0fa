"""Prometheus metrics."""

from __future__ import annotations

from contextvars import ContextVar
from importlib.metadata import version
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from progress_service.observability import shared_metrics

Mode = Literal["livesum", "livemin", "livemax", "livemostrecent"]
"""How the values of several workers become one."""

TICKS_PER_SECOND = 1 << 20

disable_created_metrics()  # They double the series, and workers that share metrics have none.


def in_ticks(seconds: float) -> float:
    """*seconds* as a multiple of 2⁻²⁰ s, about a microsecond.

    Sums of such numbers are exact, whatever their order. Otherwise the sum of several workers could
    fall by a rounding error when the values of an ended one are merged, and Prometheus takes
    that for a restart.
    """
    return int(seconds * TICKS_PER_SECOND) / TICKS_PER_SECOND


class LateGauge:
    """A gauge without a value until the first is known: zero would be a false one."""

    def __init__(self, name: str, text: str, *, mode: Mode, registry: CollectorRegistry) -> None:
        self._name = name
        self._text = text
        self._mode: Mode = mode
        self._registry = registry
        self._gauge: Gauge | None = None

    def set(self, value: float) -> None:
        """From now on the gauge has this value."""
        if self._gauge is None:
            self._gauge = Gauge(
                self._name, self._text, registry=self._registry, multiprocess_mode=self._mode
            )
        self._gauge.set(value)


class Metrics:
    """The Prometheus metrics.

    Each app has its own registry, so a process may have two apps. Workers that serve one port
    share their values instead, see `shared_metrics`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._add_requests()
        self.batch_sizes = Histogram(
            "progress_batch_size",
            "Calls in one batch to the database; `kind` is write or read.",
            ["kind"],
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
            registry=self.registry,
        )
        self.batch_rejected = Counter(
            "progress_batch_rejected_total",
            "Calls rejected because too many were queued.",
            ["kind"],
            registry=self.registry,
        )
        self.sockets = self._gauge("progress_sockets", "Open sockets.", "livesum")
        self.sockets.set(0)
        self.resyncs = Counter(
            "progress_resyncs_total",
            "Times that changes may have been missed and every client had to read everything.",
            registry=self.registry,
        )
        self._add_database()
        self._add_key_set()
        self._add_outbox()
        self._add_process()

    def _gauge(self, name: str, text: str, mode: Mode) -> Gauge:
        return Gauge(name, text, registry=self.registry, multiprocess_mode=mode)

    def _late_gauge(self, name: str, text: str, mode: Mode) -> LateGauge:
        return LateGauge(name, text, mode=mode, registry=self.registry)

    def _add_requests(self) -> None:
        self._requests = Counter(
            "progress_http_requests_total",
            "Completed requests.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._latency = Histogram(
            "progress_http_request_seconds",
            "Seconds from request to response.",
            ["route"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self.registry,
        )
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def _add_database(self) -> None:
        self.database_seconds = Histogram(
            "progress_database_seconds",
            "Seconds of one command to the database, from sending it to its response.",
            ["operation"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
            registry=self.registry,
        )
        self.database_errors = Counter(
            "progress_database_errors_total",
            "Calls to the database that failed, those that were repeated included.",
            ["kind"],
            registry=self.registry,
        )
        self.database_writable = self._late_gauge(
            "progress_database_writable",
            "1 if a primary responded to the last probe within a second, else 0.",
            "livemin",
        )
        self.database_clock_offset = self._late_gauge(
            "progress_database_clock_offset_seconds",
            "The clock of the service minus the clock of the database.",
            "livemostrecent",
        )
        self.database_disk_free = self._late_gauge(
            "progress_database_disk_free_bytes",
            "Free space on the disk of the primary.",
            "livemostrecent",
        )
        self.database_disk_size = self._late_gauge(
            "progress_database_disk_size_bytes",
            "Size of the disk of the primary.",
            "livemostrecent",
        )
        self.change_stream_connected = self._late_gauge(
            "progress_change_stream_connected",
            "1 if every change stream that is needed is open and its server responds, else 0.",
            "livemin",
        )

    def _add_key_set(self) -> None:
        self.key_set_fetches = Counter(
            "progress_key_set_fetches_total",
            "Attempts to fetch the keys that verify tokens.",
            ["outcome"],
            registry=self.registry,
        )
        self.key_set_age = self._late_gauge(
            "progress_key_set_age_seconds",
            "Seconds since the keys were last fetched, or since the start if they never were.",
            "livemax",
        )

    def _add_outbox(self) -> None:
        self.outbox_depth = self._gauge(
            "progress_outbox_depth",
            "Events and deliveries that wait in the outbox.",
            "livemostrecent",
        )
        self.outbox_oldest_seconds = self._gauge(
            "progress_outbox_oldest_seconds", "Age of the oldest of them.", "livemostrecent"
        )
        self.outbox_overdue_seconds = self._gauge(
            "progress_outbox_overdue_seconds",
            "Seconds since the next of them should have been sent.",
            "livemostrecent",
        )
        self.outbox_attempts = Counter(
            "progress_outbox_attempts_total",
            "Attempts to deliver events, by kind of destination and outcome.",
            ["destination", "outcome"],
            registry=self.registry,
        )
        self.outbox_failing_destinations = self._gauge(
            "progress_outbox_failing_destinations",
            "Destinations whose last attempts failed, so that one delivery at a time is tried.",
            "livemax",
        )
        self.erasures_pending = self._gauge(
            "progress_erasures_pending", "Erasures that have not ended yet.", "livemostrecent"
        )
        self.erasures_oldest_seconds = self._gauge(
            "progress_erasures_oldest_seconds", "Age of the oldest of them.", "livemostrecent"
        )

    def _add_process(self) -> None:
        self.resident_memory = self._late_gauge(
            "progress_worker_resident_memory_bytes",
            "Resident memory of the largest worker.",
            "livemax",
        )
        self._gauge("progress_workers", "Live workers.", "livesum").set(1)
        build = Gauge(
            "progress_build_info",
            "Always 1; the label has the version of the service.",
            ["version"],
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        build.labels(version("progress-service")).set(1)

    def record_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; *route* is the path template, so that there are few series."""
        series = self._series.get((method, route, status))
        if series is None:  # looking up labels is slower than counting
            counter = self._requests.labels(method, route, str(status))
            series = self._series[method, route, status] = (counter, self._latency.labels(route))
        series[0].inc()
        series[1].observe(in_ticks(seconds))

    def exposition(self) -> bytes:
        """All metrics of all workers, in the text format of Prometheus. May take some 10 ms."""
        if shared_metrics.folder() is not None:
            return shared_metrics.exposition()
        return generate_latest(self.registry)


current_metrics: ContextVar[Metrics] = ContextVar("current_metrics")
"""The metrics of the app that the current task works for; commands have none."""
