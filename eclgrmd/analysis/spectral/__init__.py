"""Spectral analysis: photon models forward-folded through the responses of all detectors."""

from .derived.photon_duration import photon_durations
from .fit.models import photon_density
from .fit_interval import fit_spectra
from .results import SpectralAnalysis

__all__ = ["SpectralAnalysis", "fit_spectra", "photon_density", "photon_durations"]
