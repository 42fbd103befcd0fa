"""What every request passes first: authentication, rate limits, deadlines, and error responses."""
