"""Durations, as the contract has them."""

import numpy as np

from eclgrmd.analysis.character.results import BurstCharacter
from eclgrmd.analysis.temporal.results import (
    BackgroundFit,
    DurationMeasurement,
    MeasuredWidth,
    PhotonDuration,
)
from eclgrmd.model.result import Duration, PhotonFluence, Width

from .character import character_of
from .numbers import finite, interval, measurement, numbers

__all__ = ["duration_of"]


def duration_of(found: DurationMeasurement, beside: BurstCharacter | None = None) -> Duration:
    """State one measured duration, and what was found beside it."""
    fit = found.background_fit
    return Duration(
        instrument=found.instrument,
        detectors=found.detectors,
        band_kev=None if found.band_kev is None else interval(found.band_kev),
        method=found.method,
        t90=_width(found.t90),
        t50=_width(found.t50),
        flags=found.flags,
        t100_s=None if found.t100_s is None else interval(found.t100_s),
        net_counts=measurement(found.net_counts),
        significance=finite(found.significance),
        blocks_s=tuple(float(edge) for edge in found.block_edges_s),
        background={} if fit is None else _background(fit),
        upper_limit_counts=finite(found.upper_limit_counts),
        character=character_of(beside),
        t90_inside_t100=None if found.t100_s is None else _width(found.t90_inside),
        t50_inside_t100=None if found.t100_s is None else _width(found.t50_inside),
        photon_fluence=None if found.photon is None else _photons(found.photon),
        searched_s=None if found.searched_s is None else interval(found.searched_s),
    )


def _photons(found: PhotonDuration) -> PhotonFluence:
    return PhotonFluence(
        band_kev=interval(found.band_kev),
        model=found.model,
        t90=_width(found.t90),
        t50=_width(found.t50),
        fluence=measurement(found.fluence),
        intervals_s=tuple(float(edge) for edge in found.edges_s),
        photons_per_count=tuple(float(each) for each in found.photons_per_count),
        relative_errors=tuple(float(each) for each in found.relative_error),
        flags=found.flags,
    )


def _width(found: MeasuredWidth) -> Width:
    return Width(
        value_s=finite(found.value_s),
        err_minus_s=finite(found.err_minus_s),
        err_plus_s=finite(found.err_plus_s),
        start_s=finite(found.start_s),
        stop_s=finite(found.stop_s),
        start_err_minus_s=finite(found.start_err_minus_s),
        start_err_plus_s=finite(found.start_err_plus_s),
        stop_err_minus_s=finite(found.stop_err_minus_s),
        stop_err_plus_s=finite(found.stop_err_plus_s),
        interval95_s=None if found.interval95_s is None else interval(found.interval95_s),
        koshut_error_s=finite(found.koshut_error_s),
    )


def _background(fit: BackgroundFit) -> dict[str, object]:
    """State the fit of the summed band: its one row of coefficients."""
    errors = np.sqrt(np.diagonal(fit.covariance, axis1=1, axis2=2))
    return {
        "intervals_s": numbers(fit.intervals_s),
        "order": fit.order,
        "order_chances": None if fit.chances is None else numbers(fit.chances),
        "origin_s": finite(fit.origin_s),
        "unit_s": finite(fit.unit_s),
        "coefficients": numbers(fit.coefficients.sum(axis=0)),
        "errors": numbers(np.sqrt((errors**2).sum(axis=0))),
        "statistic": finite(float(fit.statistic.sum())),
        "dof": fit.dof,
        "flags": list(fit.flags),
    }
