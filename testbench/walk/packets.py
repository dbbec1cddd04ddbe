"""Packets of a burst that one looks at on the page."""

import numpy as np

from eclgrmd.model.observation import Floats
from testbench.quicklook.made_up import made_up_sequence
from testbench.quicklook.sequence import Sent

__all__ = ["packets_of_pulse"]

_PEAK_PER_S = 3000.0
_RISE_S, _DECAY_S = 1.0, 6.0


def packets_of_pulse(seed: int = 1) -> list[Sent]:
    """Play a pulse that rises fast and decays slowly."""
    return made_up_sequence(_pulse, seed=seed)


def _pulse(time_s: Floats) -> Floats:
    since = np.clip(time_s, 0.0, None)
    return _PEAK_PER_S * (1.0 - np.exp(-since / _RISE_S)) * np.exp(-since / _DECAY_S)
