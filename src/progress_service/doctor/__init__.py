"""Examines an installation: settings, keys, database, outbox. It reports findings and remedies."""
