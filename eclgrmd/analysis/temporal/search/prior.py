"""Prior of a block, calibrated so that the false-alarm probability is the asked one."""

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from eclgrmd.model.observation import Floats

__all__ = ["FALSE_ALARMS", "KINDS", "false_alarm_prior"]

KINDS = ("events", "0.1", "0.3", "1", "10", "gauss")
"""Series that were calibrated: events, mean counts per bin, and Gaussian values."""
FALSE_ALARMS = (0.3, 0.2, 0.1, 0.05, 0.03, 0.01, 0.003, 0.001)
"""False-alarm probabilities that were calibrated."""

_GAUSSIAN_FROM = 1000.0
"""Mean counts per bin at which Poisson counts are as good as Gaussian values."""


class _Calibrated(NamedTuple):
    log_cells: Floats
    prior: Floats
    """Shape (cells, false alarms)."""


def false_alarm_prior(
    cells: int, false_alarm: float, mean_counts: float | None = None, *, events: bool = False
) -> float:
    """Tell the cost of a block at which a flat series is split with the given probability.

    The astropy formula does not keep its promise (its p0 is no false-alarm probability), so this
    one comes from simulated series: `block_prior.json`, made by
    ``python -m testbench.accuracy.block_prior`` and proved by its option ``--check``: at 0.05 and
    0.01 no rate is off by more than 10 % for sure from 100 to 10,000 cells
    (`testbench/accuracy/block_prior_check.txt`). Beyond 10,000 cells the table follows from a model
    of change points at the ends and pairs of them in between, hardly checked: at 100,000 cells the
    rate may be off by a third. Between the calibrated numbers it is interpolated in the logarithms
    of cells, probability and mean counts; for more cells or a smaller probability it goes on as
    between the last two.

    Parameters
    ----------
    cells
        Number of cells (events or bins) of the series.
    false_alarm
        Probability of one or more change points in a series of constant rate.
    mean_counts
        Mean counts per bin; None: Gaussian values.
    events
        Every cell holds one event.
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
    """Interpolate; go on as between the last two beyond the last."""
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
