"""Temporal analysis: background, Bayesian blocks and durations of a burst."""
