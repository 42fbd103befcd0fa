"""The database, set up in one place."""
