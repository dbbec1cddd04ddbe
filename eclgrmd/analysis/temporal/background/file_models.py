"""Background models read from files, which replace a fit."""

from collections.abc import Sequence

import numpy as np
from scipy.special import comb

from eclgrmd.analysis.temporal.curve.bands import band_mask
from eclgrmd.analysis.temporal.curve.joint import choose_for
from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import BackgroundChoice
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import union
from eclgrmd.model.observation import BackgroundModel, Floats, LightCurve, Observation

from .spline import BackgroundFit

__all__ = ["file_background", "file_backgrounds"]


def file_backgrounds(
    observation: Observation, choice: BackgroundChoice
) -> tuple[BackgroundFit, ...] | None:
    """Return the background models read from files, with all their channels.

    Returns
    -------
    tuple of BackgroundFit or None
        None if the configuration requests a fit.

    Raises
    ------
    InputError
        If there is no background model, or not the configured file.
    """
    if choice.mode != "file":
        return None
    return tuple(_as_fit(model) for model in _models(observation, choice))


def file_background(
    observation: Observation, choice: BackgroundChoice, curve: LightCurve
) -> BackgroundFit | None:
    """Return the background read from files, summed over detectors and band of a light curve.

    Returns
    -------
    BackgroundFit or None
        None if the configuration requests a fit, or if the curve is background-subtracted.

    Raises
    ------
    InputError
        If a detector of the curve has no model, or a model has no channel inside the band.
    """
    if choice.mode != "file" or curve.background_subtracted:
        return None
    models = _models_of(observation, choice, curve)
    missing = [name for name in curve.detectors if name not in models]
    if missing:
        there = ", ".join(sorted(models)) or f"no detector of {curve.instrument}"
        raise InputError(
            f"no model of {', '.join(missing)} in the background files: they have {there}"
        )
    return _summed([_in_band(models[name], curve) for name in curve.detectors])


def _models_of(
    observation: Observation, choice: BackgroundChoice, curve: LightCurve
) -> dict[str, BackgroundModel]:
    """Return the model of each detector; of several, the one with the channels of the data."""
    chosen = choose_for(observation, curve)
    counted = {e.detector: len(e.channels.number) for e in chosen.events if e.channels}
    counted |= {h.detector: len(h.channels.number) for h in chosen.histories}
    found: dict[str, BackgroundModel] = {}
    for model in _models(observation, choice):
        if model.instrument != curve.instrument:
            continue
        fits = len(model.channels.number) == counted.get(model.detector)
        if fits or model.detector not in found:
            found[model.detector] = model
    return found


def _models(observation: Observation, choice: BackgroundChoice) -> Sequence[BackgroundModel]:
    named = [m for m in observation.background_models if choice.file in {None, m.file}]
    if not named:
        files = dict.fromkeys(model.file for model in observation.background_models)
        there = ", ".join(files) or "none"
        wanted = "a background model" if choice.file is None else choice.file
        raise InputError(
            f"background.mode is `file`, but {wanted} is not among the inputs: "
            f"of that kind there is {there}"
        )
    return named


def _as_fit(model: BackgroundModel) -> BackgroundFit:
    return BackgroundFit(
        instrument=model.instrument,
        detector=model.detector,
        intervals_s=union(model.intervals_s),
        order=None if len(model.knots_s) else model.coefficients.shape[1] - 1,
        origin_s=model.origin_s,
        unit_s=model.unit_s,
        knots_s=model.knots_s,
        coefficients=model.coefficients,
        covariance=model.covariance,
        statistic=model.statistic,
        dof=model.dof,
        flags=(Flag(FlagCode.GIVEN_BACKGROUND),),
    )


def _in_band(model: BackgroundModel, curve: LightCurve) -> BackgroundFit:
    try:
        inside = band_mask(model.channels, curve.asked_kev)
    except InputError as error:
        raise InputError(f"the background file {model.file}, {model.detector}: {error}") from error
    return _as_fit(model).summed(inside)


def _summed(fits: Sequence[BackgroundFit]) -> BackgroundFit:
    """Return the sum of several backgrounds, with origin and unit of time of the first one."""
    first, degree = fits[0], max(fit.degree for fit in fits)
    knots = np.unique(np.concatenate([fit.knots_s for fit in fits]))
    size = degree + 1 + len(knots)
    coefficients, covariance = np.zeros((1, size)), np.zeros((1, size, size))
    for fit in fits:
        change = _change_of_scale(fit, first, degree, knots)
        coefficients += fit.coefficients @ change.T
        covariance += change @ fit.covariance @ change.T
    return BackgroundFit(
        instrument=first.instrument,
        detector="+".join(fit.detector for fit in fits),
        intervals_s=first.intervals_s,
        order=None if len(knots) else degree,
        origin_s=first.origin_s,
        unit_s=first.unit_s,
        knots_s=knots,
        coefficients=coefficients,
        covariance=covariance,
        statistic=np.array([sum(float(fit.statistic.sum()) for fit in fits)]),
        dof=sum(fit.dof for fit in fits),
        flags=first.flags,
    )


def _change_of_scale(
    fit: BackgroundFit, other: BackgroundFit, degree: int, knots_s: Floats
) -> Floats:
    """Return the matrix that converts coefficients to another origin and unit, and more knots.

    With x = a y + b, x**k is the sum over j of comb(k, j) a**j b**(k-j) y**j, and max(x - k, 0) is
    a times that of y.
    """
    a = other.unit_s / fit.unit_s
    b = (other.origin_s - fit.origin_s) / fit.unit_s
    change = np.zeros((degree + 1 + len(knots_s), fit.coefficients.shape[1]))
    for k in range(fit.degree + 1):
        for j in range(k + 1):
            change[j, k] = comb(k, j) * a**j * b ** (k - j)
    own = np.arange(len(fit.knots_s))
    change[degree + 1 + np.searchsorted(knots_s, fit.knots_s), fit.degree + 1 + own] = a
    return change
