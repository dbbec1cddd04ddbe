"""How the spectrum changed: the reference model over the intervals that follow each other."""

from collections.abc import Sequence

from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import EvolutionPoint, Parameter, SpectrumFits

__all__ = ["evolution_of"]

_KINDS = ("block", "significance", "file")
"""Kinds of which several follow each other, the finer division first."""


def evolution_of(intervals: Sequence[SpectrumFits]) -> tuple[EvolutionPoint, ...]:
    """Return Epeak, indices and flux of the reference model over time.

    The intervals are those of one kind of which there are at least two, in order of time; without
    such a kind there is no evolution.
    """
    for kind in _KINDS:
        found = [each for each in intervals if each.kind == kind and each.models]
        if len(found) > 1:
            return tuple(map(_point, sorted(found, key=lambda each: each.interval_s)))
    return ()


def _point(each: SpectrumFits) -> EvolutionPoint:
    fit = each.models[0]
    known = fit.parameters
    return EvolutionPoint(
        interval_s=each.interval_s,
        kind=each.kind,
        model=fit.name,
        epeak_kev=_value(known.get("epeak_kev")),
        alpha=_value(known.get("alpha") or known.get("index")),
        beta=_value(known.get("beta")),
        flux=fit.flux[0] if fit.flux else None,
        flags=fit.flags,
    )


def _value(parameter: Parameter | None) -> Measurement | None:
    return None if parameter is None else parameter.measurement
