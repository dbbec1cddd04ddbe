"""Replicas that are segmented and searched again."""

import itertools

import numpy as np
import pytest

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.temporal.kernels.crossings import FRACTIONS, crossing_times
from eclgrmd.analysis.temporal.kernels.episodes import connected_blocks, high_blocks
from eclgrmd.analysis.temporal.kernels.replicas import cumulated
from eclgrmd.analysis.temporal.kernels.resegment import resegmented
from eclgrmd.analysis.temporal.kernels.tail_cells import CellSeries, tail_cells
from eclgrmd.analysis.temporal.kernels.tails import tails_of
from eclgrmd.analysis.temporal.search.rounds import block_prior, find_burst
from eclgrmd.analysis.temporal.width.cumulative import Layout, lay_out
from eclgrmd.analysis.temporal.width.grid import Grid, lay_grid
from eclgrmd.analysis.temporal.width.widths import measure_widths
from eclgrmd.model.configuration.sections import BackgroundChoice, DurationChoice, TaskConfiguration
from tests.unit.analysis.temporal.naive import connected_blocks_twin
from tests.unit.analysis.temporal.simulated import Pulse, events, light_curve, observation

AGAIN = TaskConfiguration(duration=DurationChoice(bootstrap=200, resegment=True))
FAST = TaskConfiguration(duration=DurationChoice(bootstrap=500))


def laid_out(pulse: Pulse, seed: int) -> tuple[Layout, Grid]:
    curve = light_curve(pulse, np.random.default_rng(seed))
    window = (-50.0, 150.0)
    finding = find_burst(curve, BackgroundChoice(), window, 0.01)
    assert finding.t100_s is not None
    tails = tails_of(100.0, 100.0)
    layout = lay_out(curve, finding, finding.t100_s, tails)
    prior = block_prior(curve, 0.01)
    return layout, lay_grid(curve, finding, finding.t100_s, layout, window, prior, tails)


def test_blocks_that_belong_together_are_those_of_the_plain_definition() -> None:
    rng = np.random.default_rng(1)
    for _ in range(500):
        edges = np.cumsum(rng.exponential(60.0, rng.integers(2, 12))) - 300.0
        sigma = rng.normal(2.0, 4.0, len(edges) - 1)
        high = high_blocks(sigma)
        found = connected_blocks(edges[:-1], edges[1:], sigma, high)
        assert found.tolist() == connected_blocks_twin(edges[:-1], edges[1:], sigma, high)


@pytest.mark.parametrize("outwards", [1, -1])
def test_tail_cells_hold_all_counts_within_six_extents(outwards: int) -> None:
    rng = np.random.default_rng(2)
    time = np.cumsum(rng.uniform(0.1, 0.3, 400)) - 40.0
    counts, background = rng.poisson(5.0, 399).astype(float), rng.uniform(4.0, 6.0, 399)
    series = CellSeries(time, np.diff(time), np.zeros(399))
    modes = rng.normal(size=(2, 399))
    cells = tail_cells(series, counts, background, modes, 200, outwards, 3.0, np.inf)
    far = time[200] + outwards * cells.distance_s[-1]
    low, high = sorted((time[200], far))
    inside = (time[:-1] >= low - 1e-9) & (time[1:] <= high + 1e-9)
    assert cells.counts.sum() == counts[inside].sum()
    assert cells.background.sum() == pytest.approx(background[inside].sum())
    assert cells.modes.sum(axis=1) == pytest.approx(modes[:, inside].sum(axis=1))
    assert cells.live == pytest.approx(1.0)
    assert 15.0 < cells.distance_s[-1] < 19.0
    assert all(a < b for a, b in itertools.pairwise(cells.distance_s))


@pytest.mark.parametrize("data_end", [40.0, 12.0])
def test_no_tail_cell_ends_beyond_the_limit_where_the_data_do_or_not(data_end: float) -> None:
    time = np.arange(0.0, data_end + 0.25, 0.25)
    n = len(time) - 1
    series = CellSeries(time, np.diff(time), np.zeros(n))
    cells = tail_cells(series, np.ones(n), np.ones(n), np.ones((1, n)), 0, 1, 10.0, 17.0)
    assert 14.0 < cells.distance_s[-1] <= 17.0
    assert cells.counts.sum() == min(n, 4 * 17)
    assert (cells.live == 0.0).any() == (data_end < 17.0)


def test_there_is_no_tail_where_the_data_end_with_the_burst() -> None:
    time = np.arange(11.0)
    series = CellSeries(time, np.ones(10), np.zeros(10))
    cells = tail_cells(series, np.ones(10), np.ones(10), np.ones((1, 10)), 10, 1, 5.0, np.inf)
    assert cells.counts.size == 0


def test_replicas_are_measured_like_the_burst_itself() -> None:
    layout, (series, truth, rules) = laid_out(Pulse(counts=50_000.0), 3)
    cells, ends = layout.cells, (layout.before, layout.after)
    curve = cumulated(cells, *ends, layout.counts, cells.background)
    bright = truth._replace(net=truth.net * 1e4, background=truth.background * 1e4)
    many = rules._replace(prior=rules.prior * 1e3)
    moved, true, _ = resegmented(series, bright, many, FRACTIONS, 3, np.random.default_rng(1))
    direct = crossing_times(cells.time_s, curve, FRACTIONS)
    assert moved == pytest.approx(0.0, abs=0.2)
    assert true[:, :3].mean(axis=0) == pytest.approx(direct[:3], abs=0.4)


def test_both_kinds_of_replicas_agree_on_a_bright_burst() -> None:
    data = observation(events(Pulse(counts=40_000.0), np.random.default_rng(4)))
    again, fast = (measure(data, choice).durations[0] for choice in (AGAIN, FAST))
    for one, other in ((again.t90, fast.t90), (again.t50, fast.t50)):
        assert one.value_s == pytest.approx(other.value_s, rel=0.02)
        assert one.err_minus_s == pytest.approx(other.err_minus_s, rel=0.5)


def test_replicas_of_a_faint_burst_scatter_more_when_they_are_searched_again() -> None:
    layout, grid = laid_out(Pulse(counts=900.0), 5)
    fast = measure_widths(layout, 300, 1).t50
    again = measure_widths(layout, 300, 1, grid=grid).t50
    assert again.err_minus_s is not None
    assert fast.err_minus_s is not None
    assert again.err_minus_s > fast.err_minus_s


def test_a_burst_with_a_gap_and_one_at_the_end_of_the_data_are_searched_again_too() -> None:
    pulse = Pulse(counts=60_000.0)
    for gti in (((-50.0, 6.0), (7.0, 150.0)), ((-50.0, 8.0),)):
        data = observation(events(pulse, np.random.default_rng(6), gti_s=gti))
        found = measure(data, AGAIN).durations[0]
        assert found.t90.err_plus_s is not None
        assert 0.0 < found.t90.err_plus_s < 3.0


def test_the_number_of_replicas_is_the_one_asked_for() -> None:
    _, grid = laid_out(Pulse(), 7)
    moved, true, fluence = resegmented(*grid, FRACTIONS, 50, np.random.default_rng(1))
    assert moved.shape == true.shape == (50, 4)
    assert fluence.shape == (50,)
