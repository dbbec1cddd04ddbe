"""Recognition of excesses that come from another source than the burst.

The detectors of GBM and GRM look into different directions, so the shares of their counts tell
where photons come from. An episode with other shares than the main one is another source, a solar
flare or particles.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtri

from eclgrmd.analysis.temporal.background.fit import fit_curve
from eclgrmd.analysis.temporal.background.spline import BackgroundFit
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval, bins_inside, intersection, union
from eclgrmd.model.observation import Floats, LightCurve

from .episodes import episodes
from .rounds import Finding

__all__ = ["OtherSource", "other_sources"]

_LEAST_SIGMA = 3.5
"""Significance from which an episode has another source; a choice."""
_SAME_SHARE = 0.2
"""Change of a detector's share, relative to itself and to the mean share, that the spectrum of one
source may cause: 1 sigma; a choice."""
_TRIGGER_S = 5.0
"""Largest distance, seconds, of the triggering episode from t0; a choice."""
_PAD_FRACTION = 0.25
"""Length of the tails of another source that are left out, in units of its own; a choice."""
_PAD_S = 1.0
"""Smallest length of these tails, seconds; a choice."""


@dataclass(frozen=True, slots=True)
class OtherSource:
    """An episode that does not come from the direction of the burst."""

    time_s: Interval
    """Start and stop, seconds after t0."""
    sigma: float
    """Significance of the difference to the main episode."""

    @property
    def flag(self) -> Flag:
        """The flag that names it."""
        low, high = self.time_s
        return Flag(
            FlagCode.OTHER_SOURCE,
            subject=f"{low:.6g} to {high:.6g} s",
            detail=f"the shares of the detectors differ by {self.sigma:.1f} sigma",
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Shares:
    """Net counts of each detector in an episode."""

    net: Floats
    """Net counts, shape (d,)."""
    variance: Floats
    """Their variance, with that of the background, shape (d,)."""


def other_sources(
    curve: LightCurve, finding: Finding, detectors: Sequence[LightCurve], slews_s: Floats
) -> tuple[OtherSource, ...]:
    """Return the episodes whose shares of detectors differ from those of the main one.

    The main episode is the one of the trigger, or else that with the most net counts. The
    difference is a chi-square over the detectors. Absorption and scattering in the satellite change
    the shares with the spectrum, which is added to the variance. Episodes with a slew between them
    are not compared.

    Parameters
    ----------
    curve, finding
        The searched light curve, and the burst in it.
    detectors
        Light curve of each of its detectors, in bins that may be coarser.
    slews_s
        Slews of the satellite, seconds after t0, shape (k, 2).
    """
    if finding.background is None or len(detectors) < 2:
        return ()
    spans = episodes(curve, finding.starts, finding.high)
    if len(spans) < 2:
        return ()
    fits = [fit_curve(each, finding.background.intervals_s) for each in detectors]
    found = [_shares(detectors, fits, (float(low), float(high))) for low, high in spans]
    main = _main(spans, [float(shares.net.sum()) for shares in found])
    return tuple(
        OtherSource((float(low), float(high)), sigma)
        for k, (low, high) in enumerate(_padded(curve, spans))
        if k != main
        and not len(intersection([_hull(spans, main, k)], slews_s))
        and (sigma := _difference_sigma(found[main], found[k])) > _LEAST_SIGMA
    )


def _hull(spans: Floats, first: int, other: int) -> Interval:
    """Return the time from the start of the earlier to the stop of the later of two episodes."""
    return float(spans[min(first, other), 0]), float(spans[max(first, other), 1])


def _main(spans: Floats, net: Sequence[float]) -> int:
    """Return the index of the main episode."""
    away_s = np.maximum(0.0, np.maximum(spans[:, 0], -spans[:, 1]))
    nearest = int(np.argmin(away_s))
    return nearest if away_s[nearest] <= _TRIGGER_S else int(np.argmax(net))


def _padded(curve: LightCurve, spans: Floats) -> Floats:
    """Return the episodes with their tails: half the quiet time beside them at most."""
    edges = np.concatenate([[curve.start_s[0]], spans.ravel(), [curve.stop_s[-1]]])
    quiet = np.diff(edges)[::2]
    pad = np.maximum(_PAD_S, _PAD_FRACTION * (spans[:, 1] - spans[:, 0]))
    before, after = np.minimum(pad, 0.5 * quiet[:-1]), np.minimum(pad, 0.5 * quiet[1:])
    return np.column_stack([spans[:, 0] - before, spans[:, 1] + after])


def _shares(
    detectors: Sequence[LightCurve], fits: Sequence[BackgroundFit], span_s: Interval
) -> _Shares:
    net, variance = np.zeros(len(detectors)), np.zeros(len(detectors))
    for k, (curve, fit) in enumerate(zip(detectors, fits, strict=True)):
        inside = bins_inside(curve.start_s, curve.stop_s, union([span_s]))
        design = fit.design(
            curve.start_s[inside], curve.stop_s[inside], curve.exposure_s[inside]
        ).sum(axis=0)
        counts = curve.counts[inside]
        net[k] = counts.sum() - design @ fit.coefficients[0]
        own = counts.sum() if curve.error is None else np.square(curve.error[inside]).sum()
        variance[k] = own + design @ fit.covariance[0] @ design
    return _Shares(net, variance)


def _difference_sigma(main: _Shares, other: _Shares) -> float:
    """Return the significance of other shares, as that of a normal deviate."""
    total = float(other.net.sum())
    expected = total / main.net.sum() * main.net
    variance = other.variance + np.square(total / main.net.sum()) * main.variance
    alike = _SAME_SHARE * (np.maximum(expected, other.net) + total / len(expected))
    statistic = np.square(other.net - expected) / (variance + np.square(alike))
    return -float(ndtri(chdtrc(len(expected) - 1, float(statistic.sum()))))
