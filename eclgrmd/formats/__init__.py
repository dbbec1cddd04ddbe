"""Reading of FITS and OGIP files into the values of the model, and writing of products.

The flags of the values name everything that was mended or left out while reading:

=========================================  ========================================================
times sorted                               some times were out of order
times in frames of <width> s               all events of a readout frame have the same time
undeclared gap                             a gap inside the good times was removed from them
events outside good times dropped          events outside the good times or the window were dropped
events without time left out: <n>          TIME is NaN or null
events without channel dropped: <n>        events in channels that EBOUNDS does not have
doubled events left out: <n>               a block of events was written twice
good times without a number left out: <n>  START or STOP is NaN or null
overlapping files: <n> events left out     two files cover the same time: the first one is used
channels of response                       EBOUNDS is missing; that of the response is used
bad bins dropped: <n>                      bad quality, no exposure, no positive error, NaN or null
bad channels left out: <n>                 channels that are bad in most bins
doubled bins left out: <n>                 bins were written twice
overlapping bins left out: <n>             bins start before another one ends
counts are not whole: taken as Poisson     rates without errors
no response, no background                 no response or background was found for a spectrum
times unknown                              a spectrum has no times: it starts at 0
t0 is start of data                        neither the files nor the user give a trigger time
t0 lies outside the data, by <time> s      the reference time from files or user is outside
left out: <file or detector> <reason>      a file or detector that is not used
=========================================  ========================================================
"""

from .fits.provenance import Provenance
from .observation.assemble import of_detectors, read_observation
from .observation.inspect import FileDescription, inspect_file
from .read.background_model import background_models_to_fits
from .write.write_events import events_to_fits
from .write.write_light_curve import CurveWithBackground, light_curve_to_fits, light_curves_to_fits
from .write.write_response import response_to_fits
from .write.write_spectrum import background_to_fits, spectrum_to_fits
from .write.write_spline import Spline

__all__ = [
    "CurveWithBackground",
    "FileDescription",
    "Provenance",
    "Spline",
    "background_models_to_fits",
    "background_to_fits",
    "events_to_fits",
    "inspect_file",
    "light_curve_to_fits",
    "light_curves_to_fits",
    "of_detectors",
    "read_observation",
    "response_to_fits",
    "spectrum_to_fits",
]
