"""The JSON text of a request as a model, or what is wrong with it."""

from __future__ import annotations

from codecs import BOM_UTF8
from json import detect_encoding
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from progress_service.edge.problems import to_invalid
from progress_service.errors import Invalid

SMALL_BODY_BYTES = 1_024
MAX_VALUES = 1_200  # Of a body, unless its model has `max_values`; 1 000 students, or 200 spans.

Model = TypeVar("Model", bound=BaseModel)


def read_as(model: type[Model], raw: bytes) -> Model:
    """JSON text, after a byte order mark or not, as a *model*.

    Raises:
        Invalid: it is no JSON, or does not fit; each field is named.
    """
    if len(raw) > SMALL_BODY_BYTES and not holds_few_values(model, raw):
        detail = "has more values than it may have; compare it with the schema on /docs"
        raise Invalid.field("body", detail, code="too_many_values")
    try:
        return model.__pydantic_validator__.validate_json(without_mark(raw))  # type: ignore[no-any-return]
    except ValidationError as error:
        check_encoding(raw)
        raise to_invalid(error) from error


def without_mark(raw: bytes) -> bytes:
    """*raw* without the byte order mark that some editors put in front."""
    return raw.removeprefix(BOM_UTF8)


def check_encoding(raw: bytes) -> None:
    """Pass when a body that is no usable JSON is at least text in UTF-8.

    Raises:
        Invalid: it is empty, or in another encoding; a parser would only say "expected value".
    """
    if not without_mark(raw).strip():
        raise Invalid.field("body", "is empty; send a JSON object")
    encoding: str = detect_encoding(raw)  # As JSON texts begin with two characters of ASCII.
    if encoding.startswith("utf-8"):
        try:
            raw.decode()
            return
        except UnicodeDecodeError:
            encoding = "no encoding of Unicode"
    raise Invalid.field("body", f"is in {encoding}; send JSON in UTF-8")


def holds_few_values(model: type[BaseModel], raw: bytes) -> bool:
    """True when *raw* has no more values than a *model* may have.

    A parser builds, and a model names, every value that does not belong there, which takes long
    when there are hundreds of thousands. Counting what stands between values takes no time.
    """
    values = raw.count(b",") + raw.count(b"[") + raw.count(b"{")
    return values <= getattr(model, "max_values", MAX_VALUES)
