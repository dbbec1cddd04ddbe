"""The observation of one burst: the common form of the data of all streams and file formats.

Times are in seconds after the burst's reference time t0, energies in keV. Arrays are float64 unless
stated otherwise, and are never modified.
"""

from .auxiliary import Attitude, BackgroundModel, Criterion, Orbit
from .channels import Channels, Floats
from .observation import Observation
from .series import EventList, History, LightCurve
from .spectra import Background, Response, Spectrum

__all__ = [
    "Attitude",
    "Background",
    "BackgroundModel",
    "Channels",
    "Criterion",
    "EventList",
    "Floats",
    "History",
    "LightCurve",
    "Observation",
    "Orbit",
    "Response",
    "Spectrum",
]
