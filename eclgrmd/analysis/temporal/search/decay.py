"""Emission that fades slowly after the burst, too weak to be told from the background at first.

A smooth background can follow such emission, because it is fitted where the emission is. What tells
them apart is that the emission begins at the end of the burst and only fades, while a background
varies at any time, on both sides. The bins outside the burst are therefore compared with two
models: a background alone, and a background with ``A exp(-t / tau)`` from the end of the burst on.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, log_ndtr, logsumexp, softmax

from eclgrmd.analysis.temporal.background.basis import smooth_basis, supported_roughness
from eclgrmd.analysis.temporal.background.bins import FittedBins, group_bins
from eclgrmd.analysis.temporal.background.template import Template
from eclgrmd.model.intervals import Interval, bins_inside, intersection
from eclgrmd.model.observation import Floats, LightCurve

__all__ = ["NO_DECAY", "Decay", "fit_decay"]

_TAUS_S = np.geomspace(4.0, 64.0, 5)
"""Decay times that are tried, seconds; a choice. A longer decay is hardly told from background."""
_SHARE = 0.3
"""Scale of the prior of the slow counts, as a fraction of the burst's counts; a choice."""
_PRIOR_ODDS = 1.0 / 9.0
"""Odds that such emission follows a burst, before the data are seen; a choice."""
_FEWEST = 20
"""Number of bins below which nothing is compared; a choice."""
_LEAST_S = 1.0
"""Smallest time after the burst, in units of tau, in which a decay is looked for; a choice."""


class Decay(NamedTuple):
    """Comparison of a background with and without slowly fading emission after the burst."""

    chance: float
    """Probability that there is such emission."""
    taus_s: Floats
    """Decay times, seconds, shape (k,)."""
    weights: Floats
    """Posterior probability of each decay time if there is emission, shape (k,)."""
    counts: Floats
    """Counts of the emission with the highest likelihood for each decay time, shape (k,)."""
    errors: Floats
    """1-sigma errors of these counts, with that of the background, shape (k,)."""
    scale: float
    """Scale of the prior of these counts."""

    @property
    def counts_limit(self) -> float | None:
        """2-sigma upper limit to its counts, for the decay time of the highest limit.

        None if nothing was compared.
        """
        if len(self.taus_s) == 0:
            return None
        return float(np.max(np.maximum(self.counts, 0.0) + 2.0 * self.errors))

    @property
    def tau_s(self) -> float:
        """Most probable decay time, seconds."""
        return float(self.taus_s[np.argmax(self.weights)])

    def slower_than(self, tau_s: float) -> "Decay":
        """Return the emission that fades more slowly; the rest belongs to the tail of the burst.

        Its probability is its part of the whole. `NO_DECAY` if no such decay time was compared.
        """
        slow = self.taus_s > tau_s
        part = float(self.weights[slow].sum())
        if part == 0.0:
            return NO_DECAY
        return Decay(
            self.chance * part,
            self.taus_s[slow],
            self.weights[slow] / part,
            self.counts[slow],
            self.errors[slow],
            self.scale,
        )


NO_DECAY = Decay(0.0, np.empty(0), np.empty(0), np.empty(0), np.empty(0), 0.0)
"""Nothing was compared: too few data, or no burst."""


def fit_decay(
    curve: LightCurve,
    expected: Floats,
    free_s: Floats,
    t100_s: Interval,
    counts: float,
    templates: tuple[Template, ...] = (),
) -> Decay:
    """Compare a background with and without slowly fading emission after the burst.

    The background is the smooth curve of `fit_background`, averaged over its roughness in either
    case. The prior of the slow counts is half a normal distribution with a scale of 30 % of the
    counts of the burst. So the excess that decides grows with the brightness of the burst, as does
    the excess that matters for its duration.

    Parameters
    ----------
    curve
        The light curve.
    expected
        Expected background counts of each bin, for the noise, shape (n,).
    free_s
        Times without detected emission, seconds after t0, shape (k, 2).
    t100_s
        The burst, seconds after t0.
    counts
        Net counts of the burst.
    templates
        Known functions of time that the background may contain.
    """
    used = bins_inside(curve.start_s, curve.stop_s, free_s) & (curve.exposure_s > 0)
    variance = np.maximum(expected, 1e-6) if curve.error is None else np.square(curve.error)
    after = intersection(free_s, np.array([[t100_s[1], np.inf]]))
    if curve.background_subtracted or used.sum() < _FEWEST or len(after) == 0 or counts <= 0.0:
        return NO_DECAY
    bins = group_bins(
        curve.start_s[used],
        curve.stop_s[used],
        curve.exposure_s[used],
        curve.counts[used][:, None],
        variance[used][:, None],
    )
    if not (bins.stop_s <= t100_s[0]).any():
        return NO_DECAY  # on one side no background is told from a decay
    taus = _TAUS_S[float(after[-1, 1]) - t100_s[1] >= _LEAST_S * _TAUS_S]
    if len(taus) == 0:
        return NO_DECAY
    return _compared(bins, taus, t100_s[1], counts, templates)


def _compared(
    bins: FittedBins,
    taus_s: Floats,
    from_s: float,
    counts: float,
    templates: tuple[Template, ...],
) -> Decay:
    roughness = supported_roughness(2, subtracted=False)
    basis = smooth_basis(bins, roughness, None, templates)
    design = basis.design(bins)
    weight = 1.0 / bins.variance[0]
    columns = _columns(bins, taus_s, from_s)
    data = bins.counts[0]
    scale = float(bins.scale(subtracted=False)[0])
    evidence = np.empty(len(basis.precisions))
    pull, precision = np.empty((2, len(basis.precisions), len(taus_s)))
    normal, moment = design.T @ (weight[:, None] * design), design.T @ (weight * data)
    mixed = design.T @ (weight[:, None] * columns)
    alone = np.einsum("nt,n,nt->t", columns, weight, columns)
    for r, precisions in enumerate(basis.precisions / scale**2):
        matrix = normal + np.diag(precisions)
        solved = np.linalg.solve(matrix, np.column_stack([moment, mixed]))
        evidence[r] = 0.5 * (
            moment @ solved[:, 0]
            - np.linalg.slogdet(matrix)[1]
            + np.log(precisions[precisions > 0.0]).sum()
        )
        precision[r] = alone - np.sum(mixed * solved[:, 1:], axis=0)
        pull[r] = columns.T @ (weight * data) - mixed.T @ solved[:, 0]
    evidence -= evidence.max()
    gains = _gains(pull, precision, _SHARE * counts)
    joint = evidence[:, None] + gains  # logarithms, since a bright decay exceeds any float
    given = softmax(joint, axis=0)
    value = np.sum(given * pull / precision, axis=0)
    spread = np.sum(given * (1.0 / precision + np.square(pull / precision - value)), axis=0)
    weights = softmax(logsumexp(joint, axis=0))
    gain = float(logsumexp(joint) - np.log(len(taus_s)) - logsumexp(evidence))
    chance = float(expit(np.log(_PRIOR_ODDS) + gain))
    return Decay(chance, taus_s, weights, value, np.sqrt(spread), _SHARE * counts)


def _gains(pull: Floats, precision: Floats, scale: float) -> Floats:
    """Return the logarithm of the Bayes factor of an amplitude with a half-normal prior."""
    wider = 1.0 + precision * scale**2
    sigma = pull * scale / np.sqrt(wider)
    return np.asarray(0.5 * np.square(sigma) - 0.5 * np.log(wider) + np.log(2.0) + log_ndtr(sigma))


def _columns(bins: FittedBins, taus_s: Floats, from_s: float) -> Floats:
    """Return the part of the counts of a decay in each bin, for each decay time, shape (n, k)."""
    low, high = np.maximum(bins.start_s - from_s, 0.0), np.maximum(bins.stop_s - from_s, 0.0)
    part = np.exp(-low[:, None] / taus_s) - np.exp(-high[:, None] / taus_s)
    return np.asarray(part * (bins.live_s / (bins.stop_s - bins.start_s))[:, None])
