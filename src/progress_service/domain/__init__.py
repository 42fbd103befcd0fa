"""The rules: plain values and functions; no I/O, no clock."""
