"""What every request meets first: who asks, how often, and what errors look like."""
