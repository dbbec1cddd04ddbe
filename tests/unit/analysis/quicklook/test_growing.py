"""The search in a light curve that grows: it goes on, and starts over where it must."""

import numpy as np
import pytest
from numpy.typing import NDArray

from eclgrmd.analysis.quicklook.growing import GrowingSearch, span_of
from eclgrmd.analysis.temporal.search.rounds import judge_blocks
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import LightCurve

BIN_S = 0.064
COUNTS = np.random.default_rng(4).poisson(
    64.0 + 60.0 * ((np.arange(1200) > 300) & (np.arange(1200) < 450))
)


def curve(chosen: slice | NDArray[np.int64]) -> LightCurve:
    start = np.arange(len(COUNTS), dtype=np.float64) * BIN_S - 10.0
    rows = np.arange(len(COUNTS))[chosen]
    return LightCurve(
        Instrument.GRM, ("GRD01",), (15.0, 5000.0), start[rows], start[rows] + BIN_S,
        COUNTS[rows].astype(float), np.full(len(rows), BIN_S),
    )  # fmt: skip


def test_bins_at_the_end_do_not_start_it_over() -> None:
    search = GrowingSearch()
    for stop in range(700, 800, 10):
        found = search.find(curve(slice(0, stop)))
        assert found.t100_s == pytest.approx((-10.0 + 301 * BIN_S, -10.0 + 450 * BIN_S), abs=0.2)
    assert search.restarts == 0


def test_a_filled_hole_starts_it_over() -> None:
    search, rows = GrowingSearch(), np.arange(700)
    search.find(curve(np.delete(rows, slice(500, 510))))
    search.find(curve(rows))
    assert search.restarts == 1


def test_after_eight_seconds_the_background_is_fitted_anew() -> None:
    search = GrowingSearch()
    before = search.find(curve(slice(0, 700)))
    after = search.find(curve(slice(0, 830)))
    assert search.restarts == 1
    assert before.background is not None
    assert after.background is not None
    assert after.background.intervals_s[-1, 1] > before.background.intervals_s[-1, 1] + 8.0


def test_going_on_gives_the_blocks_of_one_segmentation_of_everything() -> None:
    growing, once = GrowingSearch(), GrowingSearch()
    first = growing.find(curve(slice(0, 700)))
    found = [growing.find(curve(slice(0, stop))) for stop in range(705, 805, 5)][-1]
    assert growing.restarts == 0
    # the same background, so that only the way to the blocks differs
    once.find(curve(slice(0, 700)))
    whole = curve(slice(0, 800))
    at_once = once.find(whole)
    assert first.background is not None
    judged = judge_blocks(whole, first.background, at_once.starts, span_of(whole))
    assert found.starts.tolist() == at_once.starts.tolist()
    assert found.t100_s == judged.t100_s
