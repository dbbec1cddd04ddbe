"""Light curves of a measured burst in any bins and bands, with their background."""

from dataclasses import replace

import numpy as np

from eclgrmd.analysis.character.bands import BANDS_SHOWN_KEV
from eclgrmd.analysis.character.series import InstrumentData
from eclgrmd.analysis.temporal.results import BackgroundFit, DurationMeasurement
from eclgrmd.formats import CurveWithBackground
from eclgrmd.model.configuration.sections import LightCurveChoice
from eclgrmd.model.intervals import Interval
from eclgrmd.model.observation import Floats, LightCurve, Observation

__all__ = ["Curves"]

MILLISECOND = 1e-3
"""Smallest bin of figures, seconds."""
_DEFAULT = LightCurveChoice()


class Curves:
    """Makes light curves from the data that a duration was measured with.

    Parameters
    ----------
    observation
        The data.
    duration
        The measurement.
    choice
        Configured bins and bands.
    """

    def __init__(
        self,
        observation: Observation,
        duration: DurationMeasurement,
        choice: LightCurveChoice = _DEFAULT,
    ) -> None:
        self._duration = duration
        self._choice = choice
        self._series = InstrumentData.of(observation, duration)

    @property
    def rebinnable(self) -> bool:
        """True if there are events, which can be binned freely."""
        return bool(self._series.events)

    @property
    def span_s(self) -> Interval:
        """Start and stop of the measured light curve, seconds after t0."""
        return self._series.span_s

    @property
    def bins_s(self) -> tuple[float, ...]:
        """Configured bin widths, seconds; empty for the default ones."""
        return self._choice.bins_s

    def measured(self) -> CurveWithBackground:
        """Return the measured light curve in its own bins."""
        found = self._duration
        if found.background_fit is None:
            return CurveWithBackground(found.curve)
        return CurveWithBackground(
            found.curve, found.background_counts, found.background_error_counts
        )

    def total(self, window_s: Interval, bin_s: float) -> CurveWithBackground | None:
        """Return the measured band in other bins, or None without data in the window.

        Parameters
        ----------
        window_s
            Start and stop, seconds after t0.
        bin_s
            Bin width of events, seconds.
        """
        curve = self._series.cut(self._duration.curve.asked_kev, window_s, bin_s)
        fit = self._duration.background_fit
        return None if curve is None else _with_background(curve, fit)

    def bands(self, window_s: Interval, bin_s: float) -> list[CurveWithBackground]:
        """Return a light curve of each configured band, or of the instrument's bands, with data.

        Parameters are those of `total`.
        """
        if self._series.curves:
            return []
        bands = self._choice.bands_kev or BANDS_SHOWN_KEV.get(self._duration.instrument, ())
        found = [self._series.net(band, window_s, bin_s) for band in bands]
        return [_with_background(net.curve, net.fit) for net in found if net is not None]

    def shown(self, window_s: Interval, bins: int) -> list[CurveWithBackground]:
        """Return the light curves of the bands with at least a number of bins in a window."""
        width_s = (window_s[1] - window_s[0]) / bins
        bin_s = MILLISECOND * 2.0 ** max(0.0, np.floor(np.log2(width_s / MILLISECOND)))
        return self.bands(window_s, float(bin_s))

    def blocks(self) -> CurveWithBackground | None:
        """Return a light curve whose bins are the Bayesian blocks, or None if there are none."""
        measured, edges = self.measured(), self._duration.block_edges_s
        if len(edges) < 2:
            return None
        curve, middle = measured.curve, 0.5 * (measured.curve.start_s + measured.curve.stop_s)
        block = np.searchsorted(edges, middle, side="right") - 1
        inside = (block >= 0) & (block < len(edges) - 1)

        def total(values: Floats) -> Floats:
            sums = np.bincount(block[inside], values[inside], len(edges) - 1)
            return np.asarray(sums, dtype=np.float64)

        def in_blocks(values: Floats | None) -> Floats | None:
            return None if values is None else total(values)

        error = None if curve.error is None else np.sqrt(total(curve.error**2))
        return CurveWithBackground(
            replace(
                curve,
                start_s=edges[:-1],
                stop_s=edges[1:],
                counts=total(curve.counts),
                exposure_s=total(curve.exposure_s),
                error=error,
            ),
            in_blocks(measured.background),
            # the errors of bins are fully correlated through the fit, so they add linearly
            in_blocks(measured.background_error),
        )


def _with_background(curve: LightCurve, fit: BackgroundFit | None) -> CurveWithBackground:
    if fit is None:
        return CurveWithBackground(curve)
    bins = (curve.start_s, curve.stop_s, curve.exposure_s)
    return CurveWithBackground(
        curve, fit.counts(*bins).sum(axis=1), np.sqrt((fit.errors(*bins) ** 2).sum(axis=1))
    )
