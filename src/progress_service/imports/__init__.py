"""Imports progress that another system has recorded, row by row."""
