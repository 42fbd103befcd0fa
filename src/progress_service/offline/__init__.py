"""Offline reports: events that a device stored without a network, sent later in batches."""
