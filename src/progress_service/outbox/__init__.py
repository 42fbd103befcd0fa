"""At-least-once delivery of events to any number of destinations; it knows none of them."""
