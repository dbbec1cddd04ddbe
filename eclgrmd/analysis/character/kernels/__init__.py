"""Compiled loops of the description of light curves."""
