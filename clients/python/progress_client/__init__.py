"""A client library for accessing Progress Service"""

from .client import AuthenticatedClient, Client
from .errors import UnexpectedResponse, UnexpectedStatus

__all__ = (
    "AuthenticatedClient",
    "Client",
    "UnexpectedResponse",
    "UnexpectedStatus",
)
