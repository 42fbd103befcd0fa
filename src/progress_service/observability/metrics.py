"""Prometheus metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """The Prometheus metrics. Each app has its own registry, so a process may have two apps."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
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
        self.sockets = Gauge("progress_sockets", "Open sockets.", registry=self.registry)
        self.resyncs = Counter(
            "progress_resyncs_total",
            "Times that changes may have been missed and every client had to read everything.",
            registry=self.registry,
        )
        self._add_outbox()
        self._add_erasures()

    def _add_erasures(self) -> None:
        self.erasures_pending = Gauge(
            "progress_erasures_pending",
            "Erasures whose steps are not all done; all processes report the same number.",
            registry=self.registry,
        )
        self.erasures_oldest_seconds = Gauge(
            "progress_erasures_oldest_seconds",
            "Age of the oldest of them.",
            registry=self.registry,
        )

    def _add_outbox(self) -> None:
        self.outbox_depth = Gauge(
            "progress_outbox_depth",
            "Events and deliveries that wait in the outbox; all processes report the same number.",
            registry=self.registry,
        )
        self.outbox_oldest_seconds = Gauge(
            "progress_outbox_oldest_seconds",
            "Age of the oldest of them.",
            registry=self.registry,
        )
        self.outbox_attempts = Counter(
            "progress_outbox_attempts_total",
            "Attempts to deliver events, by kind of destination and outcome.",
            ["destination", "outcome"],
            registry=self.registry,
        )

    def record_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; *route* is the path template, so that there are few series."""
        series = self._series.get((method, route, status))
        if series is None:  # looking up labels is slower than counting
            counter = self._requests.labels(method, route, str(status))
            series = self._series[method, route, status] = (counter, self._latency.labels(route))
        series[0].inc()
        series[1].observe(seconds)

    def exposition(self) -> bytes:
        """All metrics, in the text format of Prometheus."""
        return generate_latest(self.registry)
