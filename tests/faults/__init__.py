"""Faults: real nodes and processes are killed, frozen and slowed while learners report."""
