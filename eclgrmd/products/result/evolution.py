"""How the spectrum changed: the reference model over the intervals that follow each other."""

from collections.abc import Sequence

from eclgrmd.analysis.spectral.results import FittedParameter, IntervalFits
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import EvolutionPoint

from .numbers import interval, measurement
from .spectra import flux_of

__all__ = ["evolution_of", "series_of"]

SERIES = ("block", "significance", "file")
"""Kinds of which several follow each other, the finer division first."""


def series_of(intervals: Sequence[IntervalFits]) -> list[IntervalFits]:
    """Choose the intervals that follow each other: of one kind, at least two, in order of time."""
    for kind in SERIES:
        found = [each for each in intervals if each.kind == kind and each.fits]
        if len(found) > 1:
            return sorted(found, key=lambda each: each.interval_s)
    return []


def evolution_of(intervals: Sequence[IntervalFits]) -> tuple[EvolutionPoint, ...]:
    """State Epeak, indices and flux of the reference model over time."""
    return tuple(_point(each) for each in series_of(intervals))


def _point(each: IntervalFits) -> EvolutionPoint:
    fit = each.fits[0]
    known = {parameter.name: parameter for parameter in fit.parameters}
    return EvolutionPoint(
        interval_s=interval(each.interval_s),
        kind=each.kind,
        model=fit.name,
        epeak_kev=_value(known.get("epeak_kev")),
        alpha=_value(known.get("alpha") or known.get("index")),
        beta=_value(known.get("beta")),
        flux=flux_of(fit.fluxes[0]) if fit.fluxes else None,
        flags=fit.flags,
    )


def _value(parameter: FittedParameter | None) -> Measurement | None:
    return None if parameter is None else measurement(parameter)
