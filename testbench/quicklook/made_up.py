"""Packets of a made-up burst that GRM sees in four bands."""

from collections.abc import Callable

import numpy as np

from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats

from .counts import FineCounts
from .sequence import Sent, make_sequence

__all__ = ["BIN_S", "QUICK_BURST", "T0_MET_S", "made_up_sequence"]

QUICK_BURST = "sb26010101"
"""Id of the burst unless another one is given."""
T0_MET_S = 3.2e8
"""Its reference time, seconds of the mission."""
BIN_S = 0.064
"""Width of the bins that the rate is given in, seconds."""
_BANDS = ((8.54, 17.08), (17.08, 51.24), (51.24, 264.7), (264.7, 5000.0))
_SHARES = np.array([0.1, 0.4, 0.4, 0.1])
"""Part of the burst's counts in each band; the background has a quarter in each."""


def made_up_sequence(
    rate_of: Callable[[Floats], Floats],
    *,
    seed: int = 1,
    background: float = 1000.0,
    burst_id: str = QUICK_BURST,
) -> list[Sent]:
    """Return the packets of a burst.

    Parameters
    ----------
    rate_of
        Returns the burst's mean rate, counts/s, in bins of `BIN_S` that start at given times,
        seconds after the reference time.
    seed
        Seed of the Poisson noise.
    background
        Rate of the background, counts/s.
    burst_id
        Id of the burst.
    """
    starts: Floats = np.arange(-1000, 2500, dtype=np.float64) * BIN_S
    expected = BIN_S * (background / 4 + rate_of(starts)[:, None] * _SHARES)
    counts = np.random.default_rng(seed).poisson(expected).astype(float)[:, None, :]
    source = FineCounts(
        Instrument.GRM, ("GRD01",), _BANDS, float(starts[0]), counts, np.ones(len(starts))
    )
    return make_sequence(burst_id, T0_MET_S, [source])
