"""Pairing of spectra with their backgrounds, responses and effective areas."""
