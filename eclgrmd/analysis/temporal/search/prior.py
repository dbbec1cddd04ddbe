"""The prior of Bayesian blocks, calibrated to a false-alarm probability."""

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from eclgrmd.model.observation import Floats

__all__ = ["FALSE_ALARMS", "KINDS", "false_alarm_prior"]

KINDS = ("events", "0.1", "0.3", "1", "10", "gauss")
"""Kinds of series in the calibration: events, mean counts per bin, and Gaussian values."""
FALSE_ALARMS = (0.3, 0.2, 0.1, 0.05, 0.03, 0.01, 0.003, 0.001)
"""False-alarm probabilities in the calibration."""

_GAUSSIAN_FROM = 1000.0
"""Mean counts per bin from which the prior of Gaussian values is used; a choice."""


class _Calibrated(NamedTuple):
    log_cells: Floats
    """Logarithms of the numbers of cells, shape (c,)."""
    prior: Floats
    """Cost of a block for each number of cells and false-alarm probability, shape (c, f)."""


def false_alarm_prior(
    cells: int, false_alarm: float, mean_counts: float | None = None, *, events: bool = False
) -> float:
    """Return the cost of a block for which a constant series is split with a given probability.

    The prior was calibrated on simulated series, because p0 in the formula that astropy uses is not
    the false-alarm probability of the whole series. The table `block_prior.json` is made by
    ``python -m testbench accuracy/block_prior``. Its option ``--check`` tests it: from 100 to
    10,000 cells no measured rate at 0.05 and 0.01 is significantly off by more than 10 %
    (`testbench/accuracy/block_prior_check.txt`). Beyond 10,000 cells the table is extrapolated with
    a model of change points at the ends and pairs of change points in between. That part is hardly
    tested: at 100,000 cells the rate may be wrong by a third.

    The table is interpolated in the logarithms of cells, probability and mean counts. For more
    cells or a smaller probability the last two values are extrapolated.

    Parameters
    ----------
    cells
        Number of cells (events or bins) of the series.
    false_alarm
        Probability of at least one change point in a series of constant rate.
    mean_counts
        Mean counts per bin; None for Gaussian values.
    events
        True if every cell holds one event.

    Returns
    -------
    float
        Cost of a block, in units of log likelihood.
    """
    if events:
        return _of_kind("events", cells, false_alarm)
    if mean_counts is None:
        return _of_kind("gauss", cells, false_alarm)
    known = np.log([*(float(kind) for kind in KINDS[1:-1]), _GAUSSIAN_FROM])
    priors = [_of_kind(kind, cells, false_alarm) for kind in KINDS[1:]]
    return float(np.interp(np.log(max(mean_counts, 1e-6)), known, priors))


def _of_kind(kind: str, cells: int, false_alarm: float) -> float:
    calibrated = _table()[kind]
    size = max(float(np.log(max(cells, 1))), float(calibrated.log_cells[0]))
    rarity = -np.log(np.array(FALSE_ALARMS))
    row = [_line(size, calibrated.log_cells, column) for column in calibrated.prior.T]
    return _line(-float(np.log(false_alarm)), rarity, np.array(row))


def _line(x: float, known: Floats, values: Floats) -> float:
    """Interpolate linearly, and extrapolate from the last two values."""
    i = min(max(int(np.searchsorted(known, x)), 1), len(known) - 1)
    slope = (values[i] - values[i - 1]) / (known[i] - known[i - 1])
    return float(values[i - 1] + slope * (x - known[i - 1]))


@cache
def _table() -> dict[str, _Calibrated]:
    text = files(__package__).joinpath("block_prior.json").read_text()
    table: dict[str, dict[str, list[float]]] = json.loads(text)
    return {
        kind: _Calibrated(np.log([int(n) for n in rows]), np.array(list(rows.values())))
        for kind, rows in table.items()
    }
