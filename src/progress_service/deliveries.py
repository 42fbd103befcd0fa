"""Builds what sends events to other systems: webhooks, the record store, and their worker."""

from __future__ import annotations

from ipaddress import ip_network

from fastapi import FastAPI

from progress_service.catalog.service import CatalogService
from progress_service.clock import Clock
from progress_service.edge.services import provide, service_in
from progress_service.mongo.client import Database
from progress_service.observability.metrics import Metrics
from progress_service.outbox.lease import Lease
from progress_service.outbox.store import OutboxStore
from progress_service.outbox.worker import OutboxWorker
from progress_service.progress.session_records import SessionRecords
from progress_service.setting_types import keys_in
from progress_service.settings import Settings
from progress_service.webhooks.addresses import AddressPolicy
from progress_service.webhooks.guard import UrlGuard
from progress_service.webhooks.resolver import Resolver
from progress_service.webhooks.secrets import SecretBox
from progress_service.webhooks.sender import WebhookSender
from progress_service.webhooks.service import WebhooksService
from progress_service.webhooks.store import WebhooksStore
from progress_service.xapi.forwarding import XapiForwarding, record_store_for
from progress_service.xapi.identifiers import Identifiers
from progress_service.xapi.service import XapiService
from progress_service.xapi.store import StatementStore
from progress_service.xapi.viewings import StatementBuilder


def provide_deliveries(
    app: FastAPI, database: Database, outbox: OutboxStore, catalog: CatalogService
) -> None:
    """Build the destinations and the worker of the outbox, and provide them to *app*."""
    webhooks = _provide_webhooks(app, database, outbox)
    forwarding = _provide_xapi(app, database, catalog)
    sources = [webhooks.destinations, forwarding.destinations]
    provide(app, outbox, OutboxWorker(outbox, Lease(database), sources, service_in(app, Metrics)))


def _provide_webhooks(app: FastAPI, database: Database, outbox: OutboxStore) -> WebhooksService:
    settings, clock = service_in(app, Settings), service_in(app, Clock)
    policy = AddressPolicy(
        allows_private=settings.webhooks_allow_private_addresses,
        networks=[ip_network(text) for text in settings.webhooks_allowed_networks],
    )
    resolver = Resolver()
    sender = WebhookSender(resolver, policy)
    box = SecretBox(keys_in(settings.webhooks_encryption_key))
    guard = UrlGuard(resolver, policy)
    store = WebhooksStore(database)
    webhooks = WebhooksService(store, outbox, guard, sender, box, clock=clock)
    provide(app, sender, webhooks)
    return webhooks


def _provide_xapi(app: FastAPI, database: Database, catalog: CatalogService) -> XapiForwarding:
    settings, clock = service_in(app, Settings), service_in(app, Clock)
    identifiers = Identifiers(
        actor_homepage=settings.xapi_actor_homepage, activity_base=settings.xapi_activity_base
    )
    builder = StatementBuilder(identifiers, settings.complete_at_percent)
    records, statements = SessionRecords(database), StatementStore(database)
    service = XapiService(records, catalog, statements, builder, clock=clock)
    forwarding = XapiForwarding(service, record_store_for(settings))
    provide(app, service, forwarding)
    return forwarding
