"""Rules for the head of a request, beyond those of the parser.

The parser, llhttp, rejects what could smuggle requests past a proxy: two lengths, a length beside a
transfer coding, folded lines, bare line feeds. These rules close what it leaves open.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from progress_service.serving.rejections import (
    RejectedRequest,
    address_too_long,
    headers_too_large,
    malformed,
)

MAX_HEAD_BYTES = 32_768
MAX_FIELDS = 100
MAX_ADDRESS_BYTES = 16_384  # A cursor in the query has up to 8192 characters.
Headers = Sequence[tuple[bytes, bytes]]


def check_size(address: bytes, headers: Headers, head_bytes: int) -> None:
    """Reject a head that is too large, complete or not."""
    if len(address) > MAX_ADDRESS_BYTES:
        raise address_too_long(MAX_ADDRESS_BYTES)
    if len(headers) > MAX_FIELDS:
        raise headers_too_large(f"{MAX_FIELDS} fields")
    if head_bytes > MAX_HEAD_BYTES:
        raise headers_too_large(f"{MAX_HEAD_BYTES} bytes")


def check_head(headers: Headers, http_version: str) -> None:
    """Reject a complete head that two servers could read differently."""
    fields = dict(headers)
    if (
        http_version == "1.1"
        and b"host" in fields
        and b"transfer-encoding" not in fields
        and len(fields) == len(headers)
    ):
        return  # the usual case
    names = [name for name, _ in headers]
    if http_version == "1.1":
        if names.count(b"host") != 1:
            raise malformed("A request has exactly one Host header; send one.")
        if b"transfer-encoding" in names:
            _check_transfer_coding(headers)
        return
    if http_version != "1.0":
        raise RejectedRequest(
            HTTPStatus.HTTP_VERSION_NOT_SUPPORTED,
            "version_not_supported",
            "This server supports HTTP/1.1 and HTTP/1.0 only.",
        )
    if names.count(b"host") > 1:
        raise malformed("A request has at most one Host header; send one.")
    if b"transfer-encoding" in names:
        raise malformed("HTTP/1.0 has no Transfer-Encoding; send a Content-Length.")


def _check_transfer_coding(headers: Headers) -> None:
    codings = [value.lower() for name, value in headers if name == b"transfer-encoding"]
    if codings != [b"chunked"]:
        raise malformed("The only Transfer-Encoding of a request is chunked; send it as it is.")


def check_websocket_handshake(headers: Headers, method: bytes, http_version: str) -> None:
    """Reject a handshake with a body: its bytes would be read as WebSocket frames."""
    if method != b"GET" or http_version != "1.1":
        raise malformed("A WebSocket handshake is a GET of HTTP/1.1.")
    for name, value in headers:
        if name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0")):
            raise malformed("A WebSocket handshake has no body; send neither.")
