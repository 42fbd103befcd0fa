"""A client library for accessing Progress Service"""

from .calls import AsyncProgressClient, ProgressClient
from .client import AuthenticatedClient, Client
from .errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    ProblemError,
    ProgressError,
    RateLimited,
    Unauthenticated,
    Unavailable,
    UnexpectedResponse,
    UnexpectedStatus,
)

__all__ = (
    "AsyncProgressClient",
    "AuthenticatedClient",
    "Client",
    "Conflict",
    "Forbidden",
    "Invalid",
    "NotFound",
    "ProblemError",
    "ProgressClient",
    "ProgressError",
    "RateLimited",
    "Unauthenticated",
    "Unavailable",
    "UnexpectedResponse",
    "UnexpectedStatus",
)
