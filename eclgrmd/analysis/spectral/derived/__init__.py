"""What follows from a fit: fluxes, comparisons, goodness, posteriors, rest-frame values."""
