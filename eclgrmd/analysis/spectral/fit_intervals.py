"""Joint fits of every model to the spectra of every interval."""

from collections.abc import Sequence

from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import Flag, FlagCode, FlagText, has_flag

from .fit_interval import fit_spectra
from .results import IntervalFits, SpectralAnalysis
from .spectra.interval_spectra import IntervalSpectra

__all__ = ["fit_intervals"]


def fit_intervals(
    spectra: Sequence[IntervalSpectra],
    flags: Sequence[Flag],
    configuration: TaskConfiguration,
    *,
    assumed: bool = True,
) -> SpectralAnalysis:
    """Fit the configured models to the spectra of each interval.

    Parameters
    ----------
    spectra
        Spectra of each interval, the reference first.
    flags
        Flags of intervals that do not exist.
    configuration
        Models, energy ranges, statistic and seed.
    assumed
        Tabulate rest-frame values for assumed redshifts, if none is known.
    """
    choice, seed = configuration.spectral, configuration.seed
    results = [
        fit_spectra(
            each.spectra, each.interval, choice, seed=seed, reference=not number, assumed=assumed
        )
        for number, each in enumerate(spectra)
    ]
    return SpectralAnalysis(tuple(r for r in results if r.models), _collected(flags, results))


def _collected(flags: Sequence[Flag], results: Sequence[IntervalFits]) -> tuple[FlagText, ...]:
    """Return the flags of intervals without any fit, and of intervals that no model fits."""
    lost = [
        flag
        for each in results
        if not each.models
        for flag in (*each.flags, Flag(FlagCode.NO_FIT, subject=each.kind))
    ]
    poor = [
        Flag(FlagCode.POOR_FITS, subject=each.kind)
        for each in results
        if has_flag(each.flags, FlagCode.NONE_FITS)
    ]
    return tuple(dict.fromkeys([*flags, *lost, *poor]))
