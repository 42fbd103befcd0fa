"""Whether there are traces, and where they go: the variables of OpenTelemetry decide.

``OTEL_EXPORTER_OTLP_ENDPOINT`` (or ``…_TRACES_ENDPOINT``), or ``OTEL_TRACES_EXPORTER=otlp``, send
them by OTLP over HTTP; that requires the extra ``otel``. ``OTEL_TRACES_EXPORTER=none`` and
``OTEL_SDK_DISABLED=true`` switch them off. A provider that was set before, by an agent, is used.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from functools import partial
from importlib.metadata import version
from typing import Any

from opentelemetry import trace

from progress_service.errors import StartupError
from progress_service.observability.tracing import Tracing

FLUSH_SECONDS = 2.0  # At a stop; an unresponsive collector must not delay it.
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
HTTP_PROTOBUF = "http/protobuf"
SERVICE_NAME = "progress-service"


def is_export_requested(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether *environment* says that traces are exported.

    Raises:
        StartupError: it says how, and that is not supported.
    """
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    has_endpoint = any(environment.get(name) for name in ENDPOINTS)
    exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    exporter = exporter or ("otlp" if has_endpoint else "none")
    if exporter not in ("otlp", "none"):
        raise StartupError(f"OTEL_TRACES_EXPORTER={exporter!r} is not supported; use otlp or none.")
    if exporter == "none":
        return False
    protocol = next((value for name in PROTOCOLS if (value := environment.get(name))), None)
    if protocol not in (None, HTTP_PROTOBUF):
        raise StartupError(
            f"Traces are sent by {HTTP_PROTOBUF} only; set "
            f"OTEL_EXPORTER_OTLP_PROTOCOL={HTTP_PROTOBUF}, or OTEL_TRACES_EXPORTER=none."
        )
    return True


def require_usable() -> None:
    """Check what the environment says of traces, before anything starts.

    Raises:
        StartupError: traces are exported and the extra is missing, or they cannot be.
    """
    if is_export_requested():
        _sdk()


def configured_tracing() -> Tracing:
    """With the provider that was set before, with a new one if asked for, or off.

    Raises:
        StartupError: as `require_usable`.
    """
    if not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return Tracing(trace.get_tracer_provider())
    if not is_export_requested():
        return Tracing(None)
    resource_class, provider_class, processor_class, exporter_class = _sdk()
    attributes = {
        "service.version": version("progress-service"),
        "service.instance.id": str(os.getpid()),
    }
    if not _is_named(os.environ):
        attributes["service.name"] = SERVICE_NAME
    provider = provider_class(resource=resource_class.create(attributes), shutdown_on_exit=False)
    provider.add_span_processor(processor_class(exporter_class()))
    trace.set_tracer_provider(provider)
    return Tracing(provider, flush=partial(_flush, provider))


def _flush(provider: Any) -> None:
    """Send the last spans, for a while at most."""
    sending = threading.Thread(target=provider.shutdown, daemon=True)
    sending.start()
    sending.join(FLUSH_SECONDS)


def _is_named(environment: Mapping[str, str]) -> bool:
    attributes = environment.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",")
    is_attribute = any(one.partition("=")[0].strip() == "service.name" for one in attributes)
    return is_attribute or bool(environment.get("OTEL_SERVICE_NAME"))


def _sdk() -> tuple[Any, Any, Any, Any]:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise StartupError(
            "The environment asks for traces (OTEL_…), and OpenTelemetry is not installed: install "
            "progress-service[otel], or set OTEL_TRACES_EXPORTER=none."
        ) from error
    return Resource, TracerProvider, BatchSpanProcessor, OTLPSpanExporter
