"""Spectral analysis: photon models forward-folded through the responses of all detectors."""

from .fit_interval import fit_spectra
from .models import photon_density
from .photon_duration import photon_durations
from .results import SpectralAnalysis

__all__ = ["SpectralAnalysis", "fit_spectra", "photon_density", "photon_durations"]
