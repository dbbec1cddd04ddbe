"""FITS and OGIP files to and from the values of the model.

What was mended or left out while reading stands in the flags of the values:

=========================================  ========================================================
times sorted                               times stepped back
times in frames of <width> s               events are stamped per frame: that is their resolution
undeclared gap                             a hole inside good times was cut out of these
events outside good times dropped          events outside good times (or of a window) were dropped
events without time left out: <n>          TIME is NaN or null
events without channel dropped: <n>        events in channels that EBOUNDS does not know
doubled events left out: <n>               a block of events was written twice
good times without a number left out: <n>  START or STOP is NaN or null
overlapping files: <n> events left out     two files told the same time: the first one counts
channels of response                       EBOUNDS was missing; the response's was taken
bad bins dropped: <n>                      bad quality, no exposure, no positive error, NaN or null
bad channels left out: <n>                 channels that are bad in most bins
doubled bins left out: <n>                 bins were written twice
overlapping bins left out: <n>             bins began before another one ended
counts are not whole: taken as Poisson     rates without errors
no response, no background                 a spectrum found none
times unknown                              a spectrum tells no times: it starts at 0
t0 is start of data                        no trigger time was told nor given
t0 lies outside the data, by <time> s      as told or given
left out: <file or detector> <reason>      why something was not used
=========================================  ========================================================
"""

from .fits.provenance import Provenance
from .observation.assemble import read_observation
from .observation.inspect import FileDescription, inspect_file
from .read.background_model import background_models_to_fits
from .write.write_events import events_to_fits
from .write.write_light_curve import CurveWithBackground, light_curve_to_fits, light_curves_to_fits
from .write.write_polynomial import Polynomial
from .write.write_response import response_to_fits
from .write.write_spectrum import background_to_fits, spectrum_to_fits

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
