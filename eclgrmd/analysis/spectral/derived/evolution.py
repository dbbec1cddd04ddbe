"""Spectral evolution: the parameters of the reference model in consecutive intervals."""

from collections.abc import Sequence

from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import EvolutionPoint, Parameter, SpectrumFits

__all__ = ["evolution_of"]

_KINDS = ("block", "significance", "file")
"""Kinds of consecutive intervals, in order of preference."""


def evolution_of(intervals: Sequence[SpectrumFits]) -> tuple[EvolutionPoint, ...]:
    """Return Epeak, indices and flux of the reference model over time.

    The intervals are those of the first kind with at least two of them, in order of time. Without
    such a kind the result is empty.
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
