"""An orbital background is not taken for a burst, and a burst of an hour is recognised."""

import numpy as np
import pytest

from eclgrmd.analysis.temporal.search.orbit import needs_no_burst
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve

EDGES_S = np.arange(-6000.0, 12_000.5, 2.0)
MIDDLE_S = 0.5 * (EDGES_S[1:] + EDGES_S[:-1])


def curve(rate: Floats, seed: int) -> LightCurve:
    counts = np.random.default_rng(seed).poisson(2.0 * rate).astype(float)
    live = np.full(len(counts), 2.0)
    return LightCurve(Instrument.OTHER, ("d",), None, EDGES_S[:-1], EDGES_S[1:], counts, live)


@pytest.mark.parametrize("amplitude", [0.0, 0.02, 0.1, 0.3])
@pytest.mark.parametrize("period_s", [5500.0, 5670.0, 5900.0])
def test_three_orbits_of_background_need_no_burst(amplitude: float, period_s: float) -> None:
    for seed in range(3):
        wave = 1.0 + amplitude * np.sin(2.0 * np.pi * MIDDLE_S / period_s + seed)
        assert needs_no_burst(curve(500.0 * wave, seed))


@pytest.mark.parametrize("net_counts", [10_000.0, 40_000.0])
def test_a_burst_of_an_hour_is_needed(net_counts: float) -> None:
    """The burst has 25 sigma over 50 counts/s in its T90."""
    sigma_s = 850.0
    pulse = np.exp(-0.5 * ((MIDDLE_S - 1500.0) / sigma_s) ** 2) / (sigma_s * np.sqrt(2.0 * np.pi))
    assert not needs_no_burst(curve(50.0 + net_counts * pulse, 1))
