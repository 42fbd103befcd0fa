"""Progress Service: stores positions in course videos, watched spans and completions."""
