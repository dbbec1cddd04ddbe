"""Measurement of T90 and T50 of a burst, with their errors."""
