"""FITS and OGIP files to and from the values of the model.

What was mended or left out while reading stands in the flags of the values:

========================================  =====================================================
times sorted                              times stepped back
undeclared gap                            a hole inside good times was cut out of these
events outside good times dropped         events outside good times (or of a window) were dropped
events without channel dropped            events in channels that EBOUNDS does not know
overlapping files                         two files told the same time: the first one counts
channels of response                      EBOUNDS was missing; the response's was taken
bad bins dropped                          bins of bad quality, without exposure, or NaN
no response, no background                a spectrum found none
times unknown                             a spectrum tells no times: it starts at 0
t0 is start of data                       no trigger time was told nor given
left out: <file or detector> <reason>     why something was not used
========================================  =====================================================
"""

from .assemble import read_observation
from .background_model import background_models_to_fits
from .inspect import FileDescription, inspect_file
from .provenance import Provenance
from .write_events import events_to_fits
from .write_light_curve import CurveWithBackground, light_curve_to_fits, light_curves_to_fits
from .write_polynomial import Polynomial
from .write_response import response_to_fits
from .write_spectrum import background_to_fits, spectrum_to_fits

__all__ = [
    "CurveWithBackground",
    "FileDescription",
    "Polynomial",
    "Provenance",
    "background_models_to_fits",
    "background_to_fits",
    "events_to_fits",
    "inspect_file",
    "light_curve_to_fits",
    "light_curves_to_fits",
    "read_observation",
    "response_to_fits",
    "spectrum_to_fits",
]
