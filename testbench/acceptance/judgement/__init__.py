"""Compares what was measured with what was simulated."""
