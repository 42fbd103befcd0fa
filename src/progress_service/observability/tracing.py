"""OpenTelemetry traces, where the process has a tracer provider."""

from __future__ import annotations

import os

from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace
from starlette.types import Scope

_SCOPE_KEY = "fastapi.telemetry"


def telemetry() -> TelemetryConfig:
    """What FastAPI traces: each request, if a provider is configured when the app is created.

    FastAPI would look for a provider of each kind at every request, a tenth of a short one. The
    service has metrics and logs of its own.
    """
    return {"tracing": _is_configured(), "metrics": False, "logs": False}


def name_span(scope: Scope, template: str) -> None:
    """Name the span of a request by the *template* of its path, where FastAPI's router does not."""
    if _SCOPE_KEY in scope:
        span = trace.get_current_span()
        span.update_name(f"{scope['method']} {template}")
        span.set_attribute("http.route", template)


def _is_configured() -> bool:
    is_automatic = os.environ.get("FASTAPI_OTEL_AUTO_CONFIGURE", "").lower() == "true"
    return is_automatic or not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)
