"""Webhooks: completions and erasures, sent as signed requests to other systems."""
