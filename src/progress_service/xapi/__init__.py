"""Completions and sessions as xAPI statements: forwarded to a record store, or exported."""
