"""Journeys of learners in real browsers, against the real service."""
