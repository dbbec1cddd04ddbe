"""Packets of a made-up burst of the quick look."""

import numpy as np

from eclgrmd.model.names import Instrument
from testbench.quicklook.counts import FineCounts
from testbench.quicklook.sequence import Sent, make_sequence

__all__ = ["QUICK_BURST", "packets_of_pulse"]

QUICK_BURST = "sb26010101"
"""Id of the burst."""
_T0_MET_S = 3.2e8
_BIN_S = 0.064
_BANDS = ((8.54, 17.08), (17.08, 51.24), (51.24, 264.7), (264.7, 5000.0))
_SHARES = np.array([0.1, 0.4, 0.4, 0.1])
"""Of the burst's counts; the background has a quarter in each band."""
_BACKGROUND_PER_S, _PEAK_PER_S = 1000.0, 3000.0
_RISE_S, _DECAY_S = 1.0, 6.0


def packets_of_pulse(seed: int = 1) -> list[Sent]:
    """Play a pulse that rises fast and decays slowly, seen by GRM."""
    edges = np.arange(-1000, 2500) * _BIN_S
    since = np.clip(edges, 0.0, None)
    pulse = _PEAK_PER_S * (1.0 - np.exp(-since / _RISE_S)) * np.exp(-since / _DECAY_S)
    expected = _BIN_S * (_BACKGROUND_PER_S / 4 + pulse[:, None] * _SHARES)
    counts = np.random.default_rng(seed).poisson(expected).astype(float)[:, None, :]
    source = FineCounts(
        Instrument.GRM, ("GRD01",), _BANDS, float(edges[0]), counts, np.ones(len(edges))
    )
    return make_sequence(QUICK_BURST, _T0_MET_S, [source])
