"""The spectral analysis of one burst: every interval, every model, all detectors jointly."""

from collections.abc import Sequence

from eclgrmd.analysis.temporal.results import TemporalAnalysis
from eclgrmd.model.configuration import TaskConfiguration
from eclgrmd.model.flags import NONE_FITS, POOR_FIT
from eclgrmd.model.observation import Observation

from .fit_interval import fit_spectra
from .results import IntervalFits, SpectralAnalysis
from .taking import TakenSpectra, intervals_of, take_spectra

__all__ = ["fit_burst", "fit_taken"]


def fit_burst(
    observation: Observation, temporal: TemporalAnalysis | None, configuration: TaskConfiguration
) -> SpectralAnalysis:
    """Fit the configured models to the configured intervals of a burst.

    Parameters
    ----------
    observation
        Events or histories (spectra are extracted over each interval), ready-made spectra
        (fitted as they are), responses.
    temporal
        Tells named intervals and the background in time; None: only explicit intervals and
        ready-made spectra can be fitted.
    configuration
        Models, intervals, energy ranges, statistic, flux bands.

    Returns
    -------
    SpectralAnalysis
        Intervals in configured order, then ready-made spectra; what could not be done is left
        out with a flag.
    """
    chosen = intervals_of(observation, temporal, configuration)
    backgrounds = () if temporal is None else temporal.backgrounds
    taken = take_spectra(observation, chosen.intervals, backgrounds, configuration)
    return fit_taken(taken, chosen.flags, configuration)


def fit_taken(
    taken: Sequence[TakenSpectra], flags: Sequence[str], configuration: TaskConfiguration
) -> SpectralAnalysis:
    """Fit the configured models to spectra; `flags` tell which intervals could not be had."""
    choice, seed = configuration.spectral, configuration.seed
    results = [
        fit_spectra(each.spectra, each.interval, choice, seed=seed, reference=not number)
        for number, each in enumerate(taken)
    ]
    return SpectralAnalysis(tuple(r for r in results if r.fits), _collected(flags, results))


def _collected(flags: Sequence[str], results: Sequence[IntervalFits]) -> tuple[str, ...]:
    """Keep the flags of intervals without any fit, which would be lost; name poor fits."""
    lost = [f for r in results if not r.fits for f in (*r.flags, f"no fit of {r.kind} interval")]
    poor = [f"{POOR_FIT} of {r.kind} spectrum" for r in results if r.preferred_name == NONE_FITS]
    return tuple(dict.fromkeys([*flags, *lost, *poor]))
