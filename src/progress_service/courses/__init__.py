"""How far through a course."""
