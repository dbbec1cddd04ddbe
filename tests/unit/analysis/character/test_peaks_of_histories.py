"""Peak rates of binned data whose bins have two widths: windows are made of those at the peak."""

import numpy as np
import pytest

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.character.describe import peak_rates_over
from eclgrmd.analysis.character.series import InstrumentData
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Channels, History, Observation

RATE, BACKGROUND = 3000.0, 500.0
"""Net rate of a box from 0 to 8 s, and background, counts/s."""


def two_widths() -> Observation:
    """Simulate 0.512 s bins with 64 ms bins from -4 to 16 s among them."""
    coarse = np.arange(-125, 313) * 0.512
    edges = np.unique(
        np.concatenate([coarse[(coarse <= -4.0) | (coarse >= 16.0)], np.arange(-62, 251) * 0.064])
    )
    start, stop = edges[:-1], edges[1:]
    inside = np.clip(np.minimum(stop, 8.0) - np.maximum(start, 0.0), 0.0, None)
    expected = BACKGROUND * (stop - start) + RATE * inside
    counts = np.random.default_rng(3).poisson(expected).astype(float)[:, None]
    channels = Channels(np.arange(1), np.array([15.0]), np.array([5000.0]))
    history = History(Instrument.GRM, "GRD01", start, stop, counts, stop - start, channels)
    return Observation(BurstId("sb1"), "", 0.0, histories=(history,))


def test_the_peak_is_that_of_the_fine_bins() -> None:
    observation = two_widths()
    measured = measure(observation, TaskConfiguration()).durations[0]
    assert measured.t100_s is not None
    series = InstrumentData.of(observation, measured)
    for peak in peak_rates_over(series, measured, measured.t100_s, 1, (0.064, 1.0)):
        assert peak.rate_counts_per_s.value is not None
        assert peak.bias_counts_per_s is not None
        assert peak.interval_s is not None
        assert peak.interval_s[1] - peak.interval_s[0] == pytest.approx(peak.scale_s, rel=0.05)
        assert peak.rate_counts_per_s.value - peak.bias_counts_per_s == pytest.approx(
            RATE, rel=0.06
        )


def test_the_peak_is_found_though_most_bins_are_wider() -> None:
    observation = two_widths()
    measured = measure(observation, TaskConfiguration()).durations[0]
    series = InstrumentData.of(observation, measured)
    # of this interval most bins are coarse
    (peak,) = peak_rates_over(series, measured, (-60.0, 150.0), 1, (0.064,))
    assert peak.flags == ()
    assert peak.rate_counts_per_s.value is not None
