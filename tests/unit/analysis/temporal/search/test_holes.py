"""Blocks end at gaps that are longer than their data beyond the gap."""

import numpy as np
import pytest
from numpy.typing import ArrayLike

from eclgrmd.analysis.temporal.search.find import find_in
from eclgrmd.analysis.temporal.search.holes import split_at_gaps
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import LightCurve


def light_curve(start_s: ArrayLike, counts: ArrayLike) -> LightCurve:
    """Return a light curve of 1 s bins."""
    first = np.asarray(start_s, dtype=float)
    return LightCurve(
        instrument=Instrument.OTHER,
        detectors=("D",),
        band_kev=None,
        start_s=first,
        stop_s=first + 1.0,
        counts=np.asarray(counts, dtype=float),
        exposure_s=np.ones(len(first)),
    )


@pytest.mark.parametrize(
    ("before", "gap", "after", "starts"),
    [
        (10, 5, 10, [0]),
        (10, 5, 6, [0]),
        (10, 5, 4, [0, 10]),
        (4, 5, 10, [0, 4]),
        (10, 20, 15, [0, 10]),
        (1, 0, 1, [0]),
    ],
    ids=str,
)
def test_a_block_is_split_at_a_gap_longer_than_its_data_on_one_side(
    before: int, gap: int, after: int, starts: list[int]
) -> None:
    time = np.concatenate([np.arange(before), before + gap + np.arange(after)])
    curve = light_curve(time, np.ones(len(time)))
    assert split_at_gaps(curve, np.array([0])).tolist() == starts


def test_blocks_that_begin_or_end_at_a_gap_stay_as_they_are() -> None:
    curve = light_curve([0, 1, 2, 30, 31, 32], np.ones(6))
    assert split_at_gaps(curve, np.array([0, 3])).tolist() == [0, 3]
    assert split_at_gaps(curve, np.array([0, 2, 3, 5])).tolist() == [0, 2, 3, 5]


def test_a_burst_that_ends_at_a_gap_does_not_last_throughout_it() -> None:
    rng = np.random.default_rng(7)
    time = np.concatenate([np.arange(-100, 12), np.arange(42, 160)])
    rate = np.where((time >= 0) & (time < 12), 150.0, 100.0)
    counts = rng.poisson(rate)
    counts[time == 42] = 130  # a fluctuation of 3 sigma in the first bin after the gap
    found = find_in(light_curve(time, counts), TaskConfiguration())
    assert found.t100_s == (0.0, 12.0)
