"""Prior of a block, calibrated so that the false-alarm probability is the asked one."""

import numpy as np

__all__ = ["false_alarm_prior"]


def false_alarm_prior(cells: int, false_alarm: float) -> float:
    """Tell the cost of a block at which a flat signal is split with the given probability.

    Parameters
    ----------
    cells
        Number of cells (events or bins) of the series.
    false_alarm
        Probability of one or more change points in a series of constant rate.
    """
    return float(4.0 - np.log(73.53 * false_alarm * cells**-0.478))
