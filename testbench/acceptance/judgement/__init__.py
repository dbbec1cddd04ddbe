"""Compares measured values with the truth of the simulation."""
