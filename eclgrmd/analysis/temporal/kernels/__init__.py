"""Compiled kernels of the temporal analysis."""
