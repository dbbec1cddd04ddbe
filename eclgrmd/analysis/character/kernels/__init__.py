"""Compiled kernels of the light-curve properties other than durations."""
