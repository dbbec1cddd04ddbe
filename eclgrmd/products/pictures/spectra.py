"""Fitted spectra in display bins, with every folded model, its residuals and its curve."""

from collections.abc import Sequence

import numpy as np

from eclgrmd.analysis.spectral.results import IntervalFits, SpectralFit
from eclgrmd.errors import InputError, PermanentError
from eclgrmd.model.rest.pictures import (
    DetectorSpectrum,
    FittedInterval,
    FoldedModel,
    ModelCurve,
    Spectra,
)
from eclgrmd.model.result import SpectrumFits
from eclgrmd.products.shown_spectra import shown_spectrum

__all__ = ["fitted_spectra"]


def fitted_spectra(
    burst_id: str,
    intervals: Sequence[IntervalFits],
    stated: Sequence[SpectrumFits],
    number: int,
) -> Spectra:
    """Return the spectra of one interval, and a list of all intervals.

    Parameters
    ----------
    burst_id
        The burst.
    intervals
        The fits of all intervals.
    stated
        The same as the result states them.
    number
        Index of the interval to show.

    Raises
    ------
    InputError
        If there is no such interval.
    PermanentError
        If there are no spectra at all.
    """
    if not intervals:
        raise PermanentError("this task has no spectra")
    if number >= len(intervals):
        raise InputError(f"query: interval is {number}: must be below {len(intervals)}")
    chosen = intervals[number]
    return Spectra(
        burst_id=burst_id,
        intervals=[
            FittedInterval(kind=each.kind, interval_s=each.interval_s, preferred=each.preferred)
            for each in stated
        ],
        interval=number,
        fits=stated[number],
        spectra=[found for i in range(len(chosen.spectra)) if (found := _spectrum(chosen, i))],
        curves=[_curve(fit) for fit in chosen.models if fit.nufnu is not None],
    )


def _spectrum(interval: IntervalFits, i: int) -> DetectorSpectrum | None:
    """Return one spectrum with all models; None: no channel was fitted. All have the same bins."""
    spectrum, used = interval.spectra[i], interval.used[i]
    data = shown_spectrum(spectrum, np.zeros(len(spectrum.counts)), used)
    if not len(data.net):
        return None
    models = [(fit.name, shown_spectrum(spectrum, fit.folded[i], used)) for fit in interval.models]
    return DetectorSpectrum(
        detector=spectrum.detector,
        exposure_s=spectrum.exposure_s,
        low_kev=data.low_kev.tolist(),
        high_kev=data.high_kev.tolist(),
        net_per_s_kev=data.net.tolist(),
        net_error_per_s_kev=data.net_error.tolist(),
        background_per_s_kev=None if data.background is None else data.background.tolist(),
        models=[
            FoldedModel(
                model=name,
                folded_per_s_kev=shown.model.tolist(),
                residual_sigma=shown.residual_sigma.tolist(),
            )
            for name, shown in models
        ],
    )


def _curve(fit: SpectralFit) -> ModelCurve:
    nufnu = fit.nufnu
    if nufnu is None:
        raise ValueError(f"the fit of {fit.name} has no curve")
    return ModelCurve(
        model=fit.name,
        energy_kev=nufnu.energy_kev.tolist(),
        value_erg_per_cm2_s=nufnu.value_erg.tolist(),
        low_erg_per_cm2_s=nufnu.low_erg.tolist(),
        high_erg_per_cm2_s=nufnu.high_erg.tolist(),
    )
