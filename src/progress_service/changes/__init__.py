"""Change streams of the database, as typed events."""
