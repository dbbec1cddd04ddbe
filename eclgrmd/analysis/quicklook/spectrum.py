"""A coarse spectrum from the few bands of the packets, with a cutoff power law."""

from collections.abc import Mapping, Sequence

from eclgrmd.analysis.spectral.fit_interval import fit_spectra
from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.analysis.spectral.spectra.interval_spectra import spectra_of_intervals
from eclgrmd.analysis.spectral.spectra.intervals import SpectrumInterval
from eclgrmd.analysis.temporal.detectors import detector_backgrounds
from eclgrmd.model.configuration.sections import SpectralChoice, TaskConfiguration
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import Observation, Response

from .histories import responses_in_bands
from .results import InstrumentSoFar

__all__ = ["coarse_spectrum"]

_CONFIGURATION = TaskConfiguration(
    spectral=SpectralChoice(models=("cpl",), flux_bands_kev=((10.0, 1000.0),), goodness_spectra=0)
)
_LEAST_CHANNELS = 4
"""One more than the parameters of a cutoff power law."""


def coarse_spectrum(
    found: Sequence[InstrumentSoFar], responses: Mapping[str, Response], interval_s: Interval
) -> tuple[IntervalFits | None, tuple[Flag, ...]]:
    """Fit a cutoff power law to all detectors together.

    Parameters
    ----------
    found
        What each instrument has seen, the reference first.
    responses
        Responses by detector.
    interval_s
        Interval to integrate over, seconds after t0.

    Returns
    -------
    tuple
        The fit, or None with flags that say why there is none.
    """
    histories = tuple(history for each in found for history in each.histories)
    folded = responses_in_bands(responses, histories)
    if not folded:
        detail = "no response of these detectors"
        return None, (Flag(FlagCode.NO_SPECTRUM, detail=detail),)
    observation = Observation(BurstId(""), "", 0.0, histories=histories, responses=folded)
    backgrounds = detector_backgrounds(observation, _CONFIGURATION, [each.found for each in found])
    interval = SpectrumInterval(*interval_s, "t100")
    (burst,) = spectra_of_intervals(observation, [interval], backgrounds, _CONFIGURATION)
    fits = fit_spectra(burst.spectra, burst.interval, _CONFIGURATION.spectral)
    used = sum(int(mask.sum()) for mask in fits.used)
    if not fits.models or used < _LEAST_CHANNELS:
        detail = f"{used} bands, at least {_LEAST_CHANNELS} are needed"
        return None, (Flag(FlagCode.NO_SPECTRUM, detail=detail),)
    return fits, ()
