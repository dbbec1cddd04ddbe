"""Spectra of intervals, extracted from data or given as files."""
