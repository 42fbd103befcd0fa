"""Course progress: totals over the materials of a course."""
