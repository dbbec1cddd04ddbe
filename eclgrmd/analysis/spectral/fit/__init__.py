"""Fits of photon models to spectra: folding, statistics, minimisation and profiles."""
