"""The search for a burst in a light curve that grows: the only special step of the quick look.

The ordinary search (`temporal.search`) segments the whole light curve in several rounds. Here it is
run only now and then; in between, the segmentation goes on over the background that it found.
"""

from dataclasses import dataclass

import numpy as np

from eclgrmd.analysis.temporal.blocks import Segmentation
from eclgrmd.analysis.temporal.results import BackgroundFit
from eclgrmd.analysis.temporal.search.prior import false_alarm_prior
from eclgrmd.analysis.temporal.search.rounds import Finding, find_burst, judge_blocks
from eclgrmd.model.configuration.sections import BackgroundChoice
from eclgrmd.model.intervals import Interval
from eclgrmd.model.observation import Floats, LightCurve

__all__ = ["GrowingSearch", "span_of"]

_FALSE_ALARM = 0.01
"""Probability of a change point in a constant rate, as of the ordinary search by default."""
_CELLS = 1000
"""Length of the light curve whose cost of a block is used from the beginning.

The cost depends on the length. One that drifted would need the segmentation to start over; a
sequence has some 2,500 bins, of which the high priority ones are half."""
_RENEW_S = 8.0
_RENEW_PART = 0.05
"""New data after which the background is fitted anew: the longer of 8 s and 5 % of all data."""
_LEAST_EXPECTED = 1e-6
"""Background counts of a bin that the likelihood of a block needs."""
_ROUNDING_S = 1e-6
"""By which the end of a known bin may move: mission time, 3e8 s, is known to 6e-8 s."""


@dataclass(slots=True, eq=False)
class _Epoch:
    """A background, and the segmentation that goes on over it."""

    fit: BackgroundFit
    segmentation: Segmentation
    curve: LightCurve
    """Segmented so far."""
    renew_at_s: float
    """Data beyond this time have the background fitted anew, seconds after t0."""


class GrowingSearch:
    """Searches the light curve of one instrument again after each packet.

    The segmentation goes on where it was while bins are only appended. It starts over when a late
    packet fills a hole behind it, and when the background is fitted anew: only what comes after
    the burst shows how its background went on.
    """

    def __init__(self) -> None:
        self._epoch: _Epoch | None = None
        self.restarts = -1
        """How often the segmentation started over; -1: it has not begun."""

    def forget(self) -> None:
        """Let the next search start over."""
        self._epoch = None

    def find(self, curve: LightCurve) -> Finding:
        """Return where the burst is in the light curve, and over which background."""
        epoch, window_s = self._epoch, span_of(curve)
        if epoch is None or window_s[1] > epoch.renew_at_s or not _extends(curve, epoch.curve):
            return self._start_over(curve, window_s)
        _append(epoch.segmentation, epoch.fit, curve, slice(len(epoch.curve.start_s), None))
        epoch.curve = curve
        return judge_blocks(curve, epoch.fit, epoch.segmentation.starts, window_s)

    def _start_over(self, curve: LightCurve, window_s: Interval) -> Finding:
        self.restarts += 1
        self._epoch = None
        found = find_burst(curve, BackgroundChoice(), window_s, _FALSE_ALARM)
        if found.background is None:
            return found
        prior = false_alarm_prior(_CELLS, _FALSE_ALARM, float(curve.counts.mean()))
        segmentation = Segmentation(prior)
        _append(segmentation, found.background, curve, slice(None))
        renew_s = max(_RENEW_S, _RENEW_PART * (window_s[1] - window_s[0]))
        self._epoch = _Epoch(found.background, segmentation, curve, window_s[1] + renew_s)
        return judge_blocks(curve, found.background, segmentation.starts, window_s)


def span_of(curve: LightCurve) -> Interval:
    """Return the time from the first to the last bin, seconds after t0."""
    return float(curve.start_s[0]), float(curve.stop_s[-1])


def _extends(curve: LightCurve, known: LightCurve) -> bool:
    """Return whether nothing but new bins at the end was added to a known light curve."""
    n = len(known.start_s)
    return (
        len(curve.start_s) >= n
        and np.array_equal(curve.start_s[:n], known.start_s)
        and np.allclose(curve.stop_s[:n], known.stop_s, rtol=0.0, atol=_ROUNDING_S)
    )


def _append(segmentation: Segmentation, fit: BackgroundFit, curve: LightCurve, new: slice) -> None:
    expected: Floats = fit.counts(curve.start_s[new], curve.stop_s[new], curve.exposure_s[new])
    segmentation.append(curve.counts[new], np.maximum(expected[:, 0], _LEAST_EXPECTED))
