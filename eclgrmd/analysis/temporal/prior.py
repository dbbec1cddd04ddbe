"""Prior of a block, calibrated so that the false-alarm probability is the asked one."""

import json
from functools import cache
from importlib.resources import files

import numpy as np

from eclgrmd.model.observation import Floats

__all__ = ["KINDS", "basis", "false_alarm_prior"]

KINDS = ("events", "0.1", "1", "10", "gauss")
"""Series that were calibrated: events, mean counts per bin, and Gaussian values."""


def false_alarm_prior(
    cells: int, false_alarm: float, mean_counts: float | None = None, *, events: bool = False
) -> float:
    """Tell the cost of a block at which a flat series is split with the given probability.

    The astropy formula does not keep its promise (its p0 is no false-alarm probability), so this
    one comes from simulated series: `block_prior.json`, made by
    ``python -m testbench.accuracy.block_prior`` and proved by its option ``--check``. Between the
    calibrated mean counts it is interpolated in their logarithm.

    Parameters
    ----------
    cells
        Number of cells (events or bins) of the series.
    false_alarm
        Probability of one or more change points in a series of constant rate, 0.001 to 0.3.
    mean_counts
        Mean counts per bin; None: Gaussian values.
    events
        Every cell holds one event.
    """
    if events:
        return _calibrated("events", cells, false_alarm)
    if mean_counts is None:
        return _calibrated("gauss", cells, false_alarm)
    known = np.array([float(kind) for kind in KINDS[1:-1]])
    priors = [_calibrated(kind, cells, false_alarm) for kind in KINDS[1:]]
    position = np.append(np.log10(known), 3.0)
    return float(np.interp(np.log10(max(mean_counts, 1e-6)), position, priors))


def basis(cells: int, false_alarm: float) -> Floats:
    """Terms of the smooth function that the calibration fits."""
    size, rarity = np.log(max(cells, 2)), -np.log(false_alarm)
    return np.array([1.0, size, size**2, rarity, rarity * size, np.log(rarity + 1.0)])


def _calibrated(kind: str, cells: int, false_alarm: float) -> float:
    return float(np.dot(_table()[kind], basis(cells, false_alarm)))


@cache
def _table() -> dict[str, list[float]]:
    text = files(__package__).joinpath("block_prior.json").read_text()
    table: dict[str, list[float]] = json.loads(text)
    return table
