"""Search for the burst in light curves."""
