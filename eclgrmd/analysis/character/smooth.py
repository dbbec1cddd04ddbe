"""A smooth model of the net rate of the burst, interpolated between its Bayesian blocks."""

from dataclasses import dataclass

import numpy as np

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.observation import Floats

__all__ = ["SmoothModel", "smooth_model"]


@dataclass(frozen=True, slots=True, eq=False)
class SmoothModel:
    """The net rate, linearly interpolated between the centres of the blocks."""

    centre_s: Floats
    """Centres of the blocks, seconds after t0, increasing, shape (b,)."""
    rate: Floats
    """Net rate of each block, counts/s, shape (b,)."""
    peak_error: float
    """1-sigma error of the highest rate, counts/s."""
    peak_width_s: float = np.inf
    """Width of the block with the highest rate, seconds."""

    def error_in(self, scale_s: float) -> float:
        """Return the contribution of the peak's error to the mean rate of a window, counts/s.

        Parameters
        ----------
        scale_s
            Width of the window, seconds.
        """
        return self.peak_error * min(1.0, self.peak_width_s / scale_s)

    def at(self, time_s: Floats) -> Floats:
        """Return the net rate, counts/s, at times of shape (n,), seconds after t0."""
        return np.interp(time_s, self.centre_s, self.rate)


def smooth_model(measurement: DurationMeasurement) -> SmoothModel:
    """Return the model through the blocks of a measured light curve."""
    edges, curve = measurement.block_edges_s, measurement.curve
    highest = int(np.argmax(measurement.block_rates))
    inside = (curve.start_s >= edges[highest] - 1e-9) & (curve.stop_s <= edges[highest + 1] + 1e-9)
    variance = curve.counts if curve.error is None else np.square(curve.error)
    return SmoothModel(
        centre_s=0.5 * (edges[1:] + edges[:-1]),
        rate=measurement.block_rates,
        peak_error=float(np.sqrt(variance[inside].sum()) / curve.exposure_s[inside].sum()),
        peak_width_s=float(edges[highest + 1] - edges[highest]),
    )
