"""What each panel of the Grafana dashboard shows.

Queries select by the variables ``$job`` and ``$instance``; rates use Grafana's interval.
"""

from __future__ import annotations

from dataclasses import dataclass

SELECTOR = 'job=~"$job", instance=~"$instance"'
PROBES = 'route!~"/(healthz|readyz|metrics)"'
SOCKETS = 'route=~"/progress|/api/progress/live"'
WATCH_TIME = 'route="/api/progress/video/{video_id}/watch-time"'


@dataclass(frozen=True)
class Panel:
    """One panel. Queries are pairs of PromQL and a legend; ``@`` stands for the selector."""

    title: str
    text: str
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    width: int = 8
    kind: str = "timeseries"
    limits: tuple[tuple[float, str], ...] = ()
    """From which value on a stat has which colour; it is green below the first."""


def rate(metric: str, by: str, more: str = "") -> str:
    """The sum of a counter's rates, by labels."""
    selector = f"@, {more}" if more else "@"
    return f"sum by ({by}) (rate({metric}{{{selector}}}[$__rate_interval]))"


def percentile(share: float, metric: str, by: str, more: str = "") -> str:
    """A percentile of a histogram, by labels."""
    buckets = rate(f"{metric}_bucket", f"le, {by}" if by else "le", more)
    return f"histogram_quantile({share}, {buckets})"


def stat(
    title: str,
    text: str,
    query: str,
    unit: str = "short",
    limits: tuple[tuple[float, str], ...] = (),
) -> Panel:
    return Panel(title, text, ((query, ""),), unit, 4, "stat", limits)


def graph(
    title: str, text: str, query: str, legend: str, unit: str = "short", width: int = 8
) -> Panel:
    return Panel(title, text, ((query, legend),), unit, width)


ERROR_SHARE = (
    'sum(rate(progress_http_requests_total{@, status=~"5..", ' + PROBES + "}[$__rate_interval]))"
    " / sum(rate(progress_http_requests_total{@, " + PROBES + "}[$__rate_interval]))"
)

ROWS: dict[str, tuple[Panel, ...]] = {
    "Overview": (
        stat(
            "Requests",
            "Completed requests a second, without probes.",
            f"sum(rate(progress_http_requests_total{{@, {PROBES}}}[$__rate_interval]))",
            "reqps",
        ),
        stat(
            "Errors",
            "Share of requests with a status of 500 or above.",
            ERROR_SHARE,
            "percentunit",
            ((0.001, "yellow"), (0.01, "red")),
        ),
        stat(
            "Update, p99",
            "99th percentile of a watch-time report.",
            percentile(0.99, "progress_http_request_seconds", "", WATCH_TIME),
            "s",
            ((0.25, "yellow"), (0.5, "red")),
        ),
        Panel(
            "Database",
            "Whether a primary responds, as every process sees it.",
            (("min(progress_database_writable{@})", ""),),
            "bool_on_off",
            4,
            "stat",
            ((0, "red"), (1, "green")),
        ),
        stat("Sockets", "Open sockets of all instances.", "sum(progress_sockets{@})"),
        Panel(
            "Version",
            "Versions that run, with the number of instances of each.",
            (("count by (version) (progress_build_info{@})", "{{version}}"),),
            "short",
            4,
            "stat",
        ),
    ),
    "Traffic": (
        graph(
            "Requests by route",
            "The ten busiest routes.",
            f"topk(10, {rate('progress_http_requests_total', 'method, route', PROBES)})",
            "{{method}} {{route}}",
            "reqps",
            12,
        ),
        graph(
            "Requests by status",
            "499: the client disconnected first.",
            rate("progress_http_requests_total", "status", PROBES),
            "{{status}}",
            "reqps",
            12,
        ),
    ),
    "Latency by route": (
        Panel(
            "Watch-time reports",
            "Time to the response.",
            tuple(
                (percentile(share, "progress_http_request_seconds", "", WATCH_TIME), legend)
                for share, legend in ((0.5, "median"), (0.95, "p95"), (0.99, "p99"))
            ),
            "s",
        ),
        graph(
            "Slowest routes, p99",
            "The ten routes with the highest 99th percentile.",
            f"topk(10, {percentile(0.99, 'progress_http_request_seconds', 'route', PROBES)})",
            "{{route}}",
            "s",
        ),
        graph(
            "Mean by route",
            "The ten routes that take the most time on average.",
            f"topk(10, {rate('progress_http_request_seconds_sum', 'route', PROBES)}"
            f" / {rate('progress_http_request_seconds_count', 'route', PROBES)})",
            "{{route}}",
            "s",
        ),
    ),
    "Errors": (
        graph(
            "Share of server errors", "Above 5 % an alert fires.", ERROR_SHARE, "5xx", "percentunit"
        ),
        graph(
            "Server errors by route",
            "503: the outcome is unknown, clients send again.",
            rate("progress_http_requests_total", "route, status", 'status=~"5.."'),
            "{{status}} {{route}}",
            "reqps",
        ),
        graph(
            "Rejected requests",
            "401: token. 403: role or enrolment. 429: rate limit.",
            rate("progress_http_requests_total", "status", 'status=~"4.."'),
            "{{status}}",
            "reqps",
        ),
    ),
    "Database": (
        graph(
            "Commands, p99",
            "From sending a command to its response.",
            percentile(0.99, "progress_database_seconds", "operation"),
            "{{operation}}",
            "s",
        ),
        graph(
            "Commands",
            "A batch of calls is one command.",
            rate("progress_database_seconds_count", "operation"),
            "{{operation}}",
            "ops",
        ),
        graph(
            "Failed calls",
            "Those that were repeated are included.",
            rate("progress_database_errors_total", "kind"),
            "{{kind}}",
            "ops",
        ),
        graph(
            "Primary responds",
            "1 while a primary responds to the probe within a second.",
            "min by (instance) (progress_database_writable{@})",
            "{{instance}}",
        ),
        graph(
            "Clock offset",
            "Clock of the service minus clock of the database.",
            "max by (instance) (progress_database_clock_offset_seconds{@})",
            "{{instance}}",
            "s",
        ),
        graph(
            "Free disk of the database",
            "Below 15 % an alert fires.",
            "min(progress_database_disk_free_bytes{@})"
            " / min(progress_database_disk_size_bytes{@} > 0)",
            "free",
            "percentunit",
        ),
    ),
    "Batches": (
        graph(
            "Mean batch",
            "Sizes that grow towards 500 show that the database is the limit.",
            rate("progress_batch_size_sum", "kind")
            + " / "
            + rate("progress_batch_size_count", "kind"),
            "{{kind}}",
        ),
        graph(
            "Batches",
            "Batches a second.",
            rate("progress_batch_size_count", "kind"),
            "{{kind}}",
            "ops",
        ),
        graph(
            "Rejected calls",
            "The queue was full, or the batch could not end in time.",
            rate("progress_batch_rejected_total", "kind"),
            "{{kind}}",
            "ops",
        ),
    ),
    "Sockets and change streams": (
        graph(
            "Open sockets",
            "Of each instance.",
            "sum by (instance) (progress_sockets{@})",
            "{{instance}}",
        ),
        graph(
            "Handshakes",
            "101: opened. 403: rejected.",
            rate("progress_http_requests_total", "status", f'status=~"101|403", {SOCKETS}'),
            "{{status}}",
            "reqps",
        ),
        graph(
            "Change streams connected",
            "0: other devices do not follow live.",
            "min by (instance) (progress_change_stream_connected{@})",
            "{{instance}}",
        ),
        graph(
            "Resyncs",
            "Changes may have been missed, so every open page read everything.",
            "sum by (instance) (increase(progress_resyncs_total{@}[$__rate_interval]))",
            "{{instance}}",
        ),
    ),
    "Outbox": (
        graph(
            "Depth", "Events and deliveries that wait.", "max(progress_outbox_depth{@})", "waiting"
        ),
        graph(
            "Age of the oldest",
            "Grows while a receiver is down.",
            "max(progress_outbox_oldest_seconds{@})",
            "oldest",
            "s",
        ),
        graph(
            "Attempts",
            "By kind of destination and outcome.",
            rate("progress_outbox_attempts_total", "destination, outcome"),
            "{{destination}} {{outcome}}",
            "ops",
        ),
        graph(
            "Failing destinations",
            "They get one delivery at a time until one succeeds.",
            "max(progress_outbox_failing_destinations{@})",
            "failing",
        ),
    ),
    "Erasures and keys": (
        graph(
            "Erasures pending",
            "Erasures that have not ended.",
            "max(progress_erasures_pending{@})",
            "pending",
        ),
        graph(
            "Age of the oldest erasure",
            "Erasures end within a minute.",
            "max(progress_erasures_oldest_seconds{@})",
            "oldest",
            "s",
        ),
        graph(
            "Fetches of the key set",
            "Only with keys from an address.",
            rate("progress_key_set_fetches_total", "outcome"),
            "{{outcome}}",
            "ops",
        ),
        graph(
            "Age of the key set",
            "Fetched at least every 5 minutes while there are requests.",
            "max by (instance) (progress_key_set_age_seconds{@})",
            "{{instance}}",
            "s",
        ),
    ),
    "Memory and workers": (
        graph(
            "Resident memory",
            "Of the largest worker of each instance.",
            "max by (instance) (progress_worker_resident_memory_bytes{@})",
            "{{instance}}",
            "bytes",
            12,
        ),
        graph(
            "Live workers",
            "Server processes of each instance.",
            "sum by (instance) (progress_workers{@})",
            "{{instance}}",
            width=12,
        ),
    ),
}
