"""Computation of the quick look's updates and products, in worker processes."""
