"""FITS and OGIP files to and from the values of the model."""

from .assemble import read_observation
from .inspect import FileDescription, inspect_file
from .provenance import Provenance
from .write_events import events_to_fits
from .write_light_curve import light_curve_to_fits
from .write_response import response_to_fits
from .write_spectrum import background_to_fits, spectrum_to_fits

__all__ = [
    "FileDescription",
    "Provenance",
    "background_to_fits",
    "events_to_fits",
    "inspect_file",
    "light_curve_to_fits",
    "read_observation",
    "response_to_fits",
    "spectrum_to_fits",
]
