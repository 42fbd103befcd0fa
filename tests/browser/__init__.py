"""What a learner sees and does, in a real Chromium against the real service."""
