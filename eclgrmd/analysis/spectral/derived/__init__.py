"""Quantities derived from fits: fluxes, comparisons, goodness, posteriors, rest-frame values."""
