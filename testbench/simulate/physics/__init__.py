"""Spectra, pulses, detectors and backgrounds: from incoming photons to recorded events."""
