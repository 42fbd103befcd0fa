"""The queries of the Grafana dashboard are PromQL, over metrics and labels that the service has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dashboard
import dashboard_panels
import httpx
import promql_parser as promql
import pytest
from prometheus_client.parser import text_string_to_metric_families

from progress_service.observability.metrics import Metrics
from progress_service.testing import ServiceProcess, free_port, service_on, wait_until
from tests.deploy.charts import DEPLOY

DOCUMENT: dict[str, Any] = json.loads((DEPLOY / "dashboard.json").read_text())
PANELS: list[dict[str, Any]] = DOCUMENT["panels"]
QUERIES: list[str] = [target["expr"] for panel in PANELS for target in panel.get("targets", [])]
TARGET_LABELS = {"job", "instance"}
"""What Prometheus adds to every sample."""
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",), "gauge": ("",)}
FOR_ALERTS_ONLY = {"progress_outbox_overdue_seconds"}
"""Not on the dashboard, which shows the age of the oldest event."""
INTERVAL = re.compile(r"\$__rate_interval")


def parsed(query: str) -> promql.Expr:
    """A query as Prometheus gets it: Grafana puts an interval in place of its variable."""
    return promql.parse(INTERVAL.sub("5m", query))


def selectors(expression: Any) -> Iterator[promql.VectorSelector]:
    """Every selector of a metric in an expression."""
    match expression:
        case promql.VectorSelector():
            assert expression.name  # the metric
            yield expression
        case promql.MatrixSelector():
            yield from selectors(expression.vector_selector)
        case promql.Call():
            for argument in expression.args:
                yield from selectors(argument)
        case promql.AggregateExpr() | promql.ParenExpr() | promql.UnaryExpr():
            yield from selectors(expression.expr)
        case promql.BinaryExpr():
            yield from selectors(expression.lhs)
            yield from selectors(expression.rhs)
        case promql.NumberLiteral() | promql.StringLiteral():
            return
        case _:
            raise AssertionError(f"unknown expression {expression!r}")


def groupings(expression: Any) -> Iterator[tuple[set[str], Any]]:
    """The labels of each ``by``, and the expression that is aggregated."""
    if isinstance(expression, promql.AggregateExpr):
        modifier = expression.modifier
        yield set(modifier.labels) if modifier else set(), expression.expr
        yield from groupings(expression.expr)
    elif isinstance(expression, promql.Call):
        for argument in expression.args:
            yield from groupings(argument)
    elif isinstance(expression, promql.BinaryExpr):
        yield from groupings(expression.lhs)
        yield from groupings(expression.rhs)
    elif isinstance(expression, promql.ParenExpr):
        yield from groupings(expression.expr)


@pytest.fixture(scope="module")
def service(mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """With keys from an address, whose metrics exist only then."""
    settings = {
        "PROGRESS_MONGODB_DATABASE": f"dashboard_{free_port()}",
        "PROGRESS_JWT_ALGORITHMS": "RS256",
        "PROGRESS_JWT_JWKS_URL": f"http://127.0.0.1:{free_port()}/jwks.json",
    }
    with service_on(mongodb_uri, tmp_path_factory.mktemp("dashboard"), **settings) as service:
        yield service


@pytest.fixture(scope="module")
def labels_of(service: ServiceProcess) -> dict[str, set[str]]:
    """The labels of each name that a query may select, as /metrics has them."""
    address = f"{service.address}/metrics"
    wait_until(
        lambda: "\nprogress_change_stream_connected " in httpx.get(address).text,
        within_seconds=60,
        otherwise=lambda: httpx.get(address).text,
    )
    declared = Metrics().registry._names_to_collectors
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(httpx.get(address).text):
        for suffix in SUFFIXES[family.type]:
            name = family.name + suffix
            collector = declared.get(name)
            labels = set(getattr(collector, "_labelnames", ()))
            found[name] = labels | ({"le"} if suffix == "_bucket" else set()) | TARGET_LABELS
        for sample in family.samples:
            assert sample.labels.keys() <= found[sample.name], sample
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_query_selects_metrics_and_labels_that_exist(query: str, labels_of: dict[str, set[str]]):
    expression = parsed(query)

    selected = [*selectors(expression)]
    assert selected
    for selector in selected:
        assert selector.name in labels_of
        matched = {matcher.name for matcher in selector.matchers.matchers}
        assert TARGET_LABELS <= matched <= labels_of[selector.name or ""]
    for labels, inner in groupings(expression):
        for selector in selectors(inner):
            assert labels <= labels_of[selector.name or ""]


def test_every_metric_is_shown(labels_of: dict[str, set[str]]):
    shown = {selector.name or "" for query in QUERIES for selector in selectors(parsed(query))}

    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown}
    existing = {re.sub(r"_(bucket|sum|count)$", "", name) for name in labels_of}
    assert families == existing - FOR_ALERTS_ONLY


def test_legends_name_labels_of_their_query():
    for panel in PANELS:
        for target in panel.get("targets", []):
            legend = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            grouped = [labels for labels, _ in groupings(parsed(target["expr"]))]
            assert not legend or any(legend <= labels for labels in grouped), panel["title"]


def test_routes_in_queries_exist():
    routes = set(re.findall(r'route="([^"]+)"', "".join(QUERIES)))
    sockets = set(dashboard_panels.SOCKETS.split('"')[1].split("|"))
    document = json.loads((DEPLOY.parent / "openapi" / "openapi.json").read_text())

    assert routes
    assert routes <= set(document["paths"])
    assert sockets == {"/progress", "/api/progress/live"}


def test_file_is_what_the_script_writes():
    assert (DEPLOY / "dashboard.json").read_text() == dashboard.dashboard()


def test_panels_fill_rows_without_overlap():
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < dashboard.COLUMNS
        taken |= cells
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_rows_cover_what_operators_look_for():
    rows = [panel["title"].lower() for panel in PANELS if panel["type"] == "row"]

    for subject in (
        "traffic",
        "latency by route",
        "errors",
        "database",
        "batches",
        "sockets and change streams",
        "outbox",
        "erasures",
        "memory",
        "workers",
    ):
        assert any(subject in row for row in rows), subject


@pytest.mark.parametrize("query", ["sum(rate(x[5m])", "sum by (a (x)", 'x{a="b}'])
def test_what_is_no_promql_is_an_error(query: str):
    with pytest.raises(ValueError, match=r".+"):
        parsed(query)


def test_unknown_metric_is_found(labels_of: dict[str, set[str]]):
    [selector] = selectors(parsed("rate(progress_http_request_total[5m])"))

    assert selector.name not in labels_of


def test_variables_are_defined():
    defined = {variable["name"] for variable in DOCUMENT["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)\}?", Path(DEPLOY / "dashboard.json").read_text()))

    assert used - {"__rate_interval", "__all"} == defined
