"""Spectra of time intervals, extracted from events and histories or read from files."""
