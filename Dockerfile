# syntax=docker/dockerfile:1
# Three stages: the web app, the Python environment, and the runtime image. The image contains no
# database; PROGRESS_MONGODB_URI names one. Every package is pinned by hash.

FROM node:22-bookworm-slim AS web
WORKDIR /build/web
COPY web/ ./
RUN npm ci --no-audit --no-fund \
    && npm run build

FROM python:3.11-slim-bookworm AS python
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/progress
COPY requirements-serve.lock ./
RUN /opt/progress/bin/pip install --require-hashes -r requirements-serve.lock
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY src/ src/
COPY --from=web /build/src/progress_service/static/ src/progress_service/static/
RUN pip wheel --no-deps --wheel-dir /wheels . \
    && /opt/progress/bin/pip install --no-deps /wheels/*.whl \
    && /opt/progress/bin/pip check

FROM python:3.11-slim-bookworm
COPY --from=python /opt/progress /opt/progress
ENV PATH="/opt/progress/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PROGRESS_HOST=0.0.0.0
# No home directory, no login shell, no files to write: a read-only file system is enough.
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin progress
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
# Liveness, not readiness: a failing database must not restart the service.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from os import environ; from urllib.request import urlopen; urlopen('http://127.0.0.1:' + environ.get('PROGRESS_PORT', '8000') + '/healthz', timeout=2)"]
# SIGTERM starts a graceful shutdown. It took up to 9 s in tests; allow 15 s before SIGKILL.
STOPSIGNAL SIGTERM
ENTRYPOINT ["progress-service"]
CMD ["serve"]
