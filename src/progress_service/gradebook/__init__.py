"""The gradebook of a course: every student's progress, in pages, and what changed."""
