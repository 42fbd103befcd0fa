"""Benchmarks: ``python -m benchmarks`` measures the documented figures and prints a table."""
