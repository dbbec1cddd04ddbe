"""Compiled loops of the temporal analysis."""
