"""A real nginx with the configuration of `deploy/nginx`, in front of services on this machine."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from progress_service.child_processes import ends_with_parent
from progress_service.testing import free_port, wait_until
from tests.certificates import Certificate

ROOT = Path(__file__).parents[1]
CONFIGURATION = ROOT / "deploy/nginx/progress-service.conf"
PREFIX = "/learn"
STOP_SECONDS = 60
MAIN = """
{user}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    access_log off;
    include {folder}/progress-service.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    """A running nginx."""

    address: str
    """With the prefix: ``https://127.0.0.1:21234/learn``."""
    plain_address: str
    """What is redirected to TLS, without a prefix."""
    certificate: Certificate
    folder: Path

    @property
    def access_log(self) -> str:
        """One line for each request so far."""
        return (self.folder / "access.log").read_text()

    @property
    def error_log(self) -> str:
        """What went wrong so far; also the requests that were sent to another process."""
        return (self.folder / "stderr").read_text()


def find_nginx() -> Path:
    """The nginx that `make nginx` unpacked, or the one on the PATH.

    Raises:
        FileNotFoundError: there is none.
    """
    unpacked = ROOT / ".nginx/usr/sbin/nginx"
    found = unpacked if unpacked.exists() else shutil.which("nginx")
    if found is None:
        raise FileNotFoundError("nginx is missing; run `make nginx`.")
    return Path(found)


@contextmanager
def nginx(folder: Path, upstream_ports: Sequence[int], *, strips: bool = False) -> Iterator[Proxy]:
    """nginx with TLS and the prefix `PREFIX`, on free ports of 127.0.0.1.

    Args:
        folder: gets its configuration, its logs and its certificate.
        upstream_ports: of the processes of the service.
        strips: whether it removes the prefix from paths.
    """
    folder.mkdir(parents=True, exist_ok=True)
    certificate = Certificate(folder, "127.0.0.1")
    port, plain_port = free_port(), free_port()
    proxy = Proxy(
        f"https://127.0.0.1:{port}{PREFIX}", f"http://127.0.0.1:{plain_port}", certificate, folder
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
    ours = _adapted(folder, upstream_ports, port, plain_port, strips=strips)
    (folder / "progress-service.conf").write_text(ours)
    with (folder / "stderr").open("wb") as errors:
        process = subprocess.Popen(
            [str(find_nginx()), "-p", str(folder), "-c", str(folder / "nginx.conf")],
            stderr=errors,
            preexec_fn=ends_with_parent(signal.SIGTERM),
        )
    try:
        wait_until(
            lambda: _accepts(port) or process.poll() is not None,
            within_seconds=STOP_SECONDS,
            otherwise=lambda: proxy.error_log,
        )
        if process.poll() is not None:
            raise RuntimeError(f"nginx did not start:\n{proxy.error_log}")
        yield proxy
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _adapted(
    folder: Path, upstream_ports: Sequence[int], port: int, plain_port: int, *, strips: bool
) -> str:
    """The configuration with the ports and files of a test; all else as it is deployed."""
    text = CONFIGURATION.read_text()
    servers = [f"    server 127.0.0.1:{upstream} max_fails=0;" for upstream in upstream_ports]
    certificate = folder / "certificate.pem"
    changes = [
        (re.findall(r"^    server 127.*$", text, re.MULTILINE)[0], ""),
        (re.findall(r"^    server 127.*$", text, re.MULTILINE)[1], "\n".join(servers)),
        ("listen 80;", f"listen 127.0.0.1:{plain_port};"),
        ("listen [::]:80;", ""),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
        ("listen [::]:443 ssl http2;", ""),
        ("return 308 https://$host$request_uri;", f"return 308 https://$host:{port}$request_uri;"),
        ("/etc/nginx/tls/school.example.crt", str(certificate)),
        ("/etc/nginx/tls/school.example.key", str(certificate)),
        ("/var/log/nginx/progress-service.log", str(folder / "access.log")),
        ("/var/log/nginx/progress-service.error.log crit", f"{folder}/stderr info"),
    ]
    if strips:
        changes += [
            (
                "location /learn/ {\n        proxy_pass http://progress_service;",
                "location /learn/ {\n        proxy_pass http://progress_service/;",
            ),
            (
                "all;\n        proxy_pass http://progress_service;",
                "all;\n        proxy_pass http://progress_service/metrics;",
            ),
        ]
    for deployed, tested in changes:
        if text.count(deployed) != 1:
            raise ValueError(f"{CONFIGURATION} contains {deployed!r} {text.count(deployed)} times")
        text = text.replace(deployed, tested)
    return text


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
