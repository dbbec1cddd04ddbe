"""Shifts of the crossings by slow emission, on a curve where they can be computed by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from eclgrmd.analysis.temporal.kernels.replicas import Cells, End
from eclgrmd.analysis.temporal.search.decay import NO_DECAY, Decay
from eclgrmd.analysis.temporal.width.cumulative import Layout
from eclgrmd.analysis.temporal.width.hidden import hidden_shifts
from eclgrmd.model.observation import Floats

TIME_S = np.arange(16.0)
"""A burst from 0 to 10 s, and 5 s after it."""
SURE = 1.0
"""Probability of emission that is certain."""
SEEN = 1.0 - np.exp(-6.0)
"""Part of a decay in the time up to which it is followed."""


def end(first: int, stop: int) -> End:
    nothing = np.empty((0, stop - first))
    return End(first, stop, nothing, 0.0, np.empty((0, 0)), 1.0, nothing, 1.0)


def burst(tail: float = 0.0) -> tuple[Layout, Floats]:
    """Return a burst of 100 counts/s with its cumulative curve, which has a tail of 1 s."""
    n = len(TIME_S) - 1
    net = np.concatenate([np.full(10, 100.0), [tail], np.zeros(4)])
    cells = Cells(TIME_S, net, np.zeros(n), np.zeros(n), np.ones(n), np.empty((0, n)))
    layout = Layout(cells, net, end(0, 0), end(10, n), np.empty((0, 2)))
    return layout, np.append(0.0, np.cumsum(net))


def emission(
    counts: float, *, error: float = 1e-6, scale: float = 1e9, chance: float = SURE
) -> Decay:
    """Return slow emission with a decay time of 4 s, and 64 s with no probability."""
    return Decay(
        chance,
        np.array([64.0, 4.0]),
        np.array([0.0, 1.0]),
        np.array([9e9, counts]),
        np.array([error, error]),
        scale,
    )


def shifts(decay: Decay, tail: float = 0.0, number: int = 3) -> Floats:
    return hidden_shifts(decay, *burst(tail), number, np.random.default_rng(1))


def decayed_s(part: float) -> float:
    """Return the time after which this part of a decay is over, seconds."""
    return -4.0 * float(np.log(1.0 - part))


@pytest.mark.parametrize("decay", [NO_DECAY, emission(1000.0, chance=0.0)])
def test_emission_without_a_chance_moves_nothing(decay: Decay) -> None:
    assert shifts(decay).tolist() == np.zeros((3, 4)).tolist()


def test_certain_emission_moves_the_crossings_to_those_of_the_sum() -> None:
    total = 1000.0 * (1.0 + SEEN)
    inside = np.array([0.05, 0.25]) * total / 100.0
    beyond = [10.0 + decayed_s((part * total - 1000.0) / 1000.0) for part in (0.75, 0.95)]
    moved = np.array([*inside, *beyond]) - [0.5, 2.5, 7.5, 9.5]
    assert moved[3] == pytest.approx(9.6, abs=0.1)
    for row in shifts(emission(1000.0)):
        assert row == pytest.approx(moved, abs=0.05)  # a decay is followed in cells of 1 s


def test_the_tail_of_the_curve_is_no_further_emission() -> None:
    assert shifts(emission(399.0), tail=400.0) == pytest.approx(0.0, abs=1e-9)
    stop_s = 10.0 + decayed_s((0.95 * (1400.0 + 600.0 * SEEN) - 1400.0) / 600.0)
    before_s = 10.0 + (0.95 * 1400.0 - 1000.0) / 400.0
    moved = shifts(emission(1000.0), tail=400.0)
    assert moved[:, 3] == pytest.approx(stop_s - before_s, abs=0.05)


def test_it_is_there_as_often_as_it_is_probable() -> None:
    decay = emission(1000.0, chance=0.3)
    assert decay.chance == pytest.approx(0.3)
    rows = shifts(decay, number=2000).any(axis=1)
    assert rows.sum() == pytest.approx(600, abs=80)  # 4 standard deviations


def test_its_counts_follow_the_posterior_with_the_prior() -> None:
    moved = shifts(emission(200.0, error=100.0, scale=100.0), number=4000)
    counts = moved[:, 0] * 100.0 / 0.05 / SEEN
    mean, spread = 100.0, 100.0 / np.sqrt(2.0)
    assert counts.min() >= 0.0
    ratio = mean / spread
    expected = mean + spread * norm.pdf(ratio) / norm.cdf(ratio)
    assert counts.mean() == pytest.approx(expected, abs=4.0)  # 4 standard errors
    assert np.median(counts) == pytest.approx(
        mean - spread * norm.ppf(0.5 * norm.cdf(ratio)), abs=5.5
    )


def test_a_lack_of_counts_after_the_burst_leaves_little_room_for_emission() -> None:
    moved = shifts(emission(-5000.0, error=100.0), number=2000)
    counts = moved[:, 0] * 100.0 / 0.05 / SEEN
    assert counts.min() >= 0.0
    assert counts.mean() == pytest.approx(2.0, abs=0.2)  # error^2 / lack
