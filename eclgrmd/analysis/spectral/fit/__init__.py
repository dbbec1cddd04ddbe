"""The fit of photon models: folding, statistics, minima and profiles."""
