"""The smooth baseline of any light curve."""

import numpy as np

from eclgrmd.analysis.temporal.background.baseline import baseline
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import LightCurve


def test_rates_that_scatter_far_more_than_their_errors_have_a_baseline_all_the_same() -> None:
    """All but the lowest bins lose their weight, for example if rates are given as counts."""
    start_s = np.arange(3000.0)
    counts = 1e15 + np.random.default_rng(1).uniform(-1e14, 1e14, 3000)
    curve = LightCurve(
        Instrument.OTHER, ("X",), None, start_s, start_s + 1.0, counts, np.ones(3000)
    )
    found = baseline(curve)
    assert (found > 0.9e15).all()
    assert (found < 1.1e15).all()
