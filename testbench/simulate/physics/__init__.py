"""Spectra, pulses, responses and backgrounds: from photons at the satellite to counts."""
