"""Search for a burst in a light curve that grows: the only special step of the quick look.

The search of the full analysis (`temporal.search`) fits the background and segments the whole light
curve in several rounds. Here it runs only now and then; in between, the segmentation above the
background that it found is extended by the new bins.
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
"""Probability of a false change point in a constant rate; the default of the full analysis."""
_CELLS = 1000
"""Number of bins for which the prior of a block is calibrated. It is fixed because the prior must
not change while the light curve grows; a choice."""
_RENEW_S = 8.0
"""Length of new data, seconds, after which the background is fitted again; a choice."""
_RENEW_PART = 0.05
"""The same as a fraction of all data; the larger of both applies."""
_LEAST_EXPECTED = 1e-6
"""Smallest expected background of a bin, counts: the likelihood of a block needs a positive one."""
_ROUNDING_S = 1e-6
"""Largest change of the end of a known bin, seconds: mission time, 3e8 s, is known to 6e-8 s."""


@dataclass(slots=True, eq=False)
class _Epoch:
    """A background fit, with the segmentation that is extended as long as the fit is used."""

    fit: BackgroundFit
    """The background."""
    segmentation: Segmentation
    """The blocks above this background."""
    curve: LightCurve
    """Light curve that was segmented."""
    renew_at_s: float
    """Time, seconds after t0, beyond which data require a new background fit."""


class GrowingSearch:
    """Searches the light curve of one instrument after each packet.

    As long as bins are only appended, the segmentation is extended. It starts over when a late
    packet fills a gap, and when the background is fitted again, because only data after the burst
    constrain the background behind it.
    """

    def __init__(self) -> None:
        self._epoch: _Epoch | None = None
        self.restarts = -1
        """Number of times that the segmentation started over; -1 before the first search."""

    def forget(self) -> None:
        """Make the next search start over."""
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
