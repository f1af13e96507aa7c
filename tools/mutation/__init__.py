"""Damages rendered trees one fault at a time, and counts which faults the checks catch: ``make mutation``."""
