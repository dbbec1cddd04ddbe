"""Display bins keep every count, do not span gaps, and are significant."""

import numpy as np
import pytest

from eclgrmd.products.binning import grouped, significant_groups, time_groups


def test_bins_are_merged_up_to_the_width_wanted() -> None:
    start = np.arange(10.0) * 0.1
    assert time_groups(start, start + 0.1, 0.3).tolist() == [0, 3, 6, 9]


def test_bins_wider_than_wanted_stay_as_they_are() -> None:
    start = np.arange(5.0) * 2.0
    assert time_groups(start, start + 2.0, 0.5).tolist() == [0, 1, 2, 3, 4]


def test_no_bin_reaches_across_a_gap() -> None:
    start = np.array([0.0, 1.0, 5.0, 6.0])
    assert time_groups(start, start + 1.0, 10.0).tolist() == [0, 2]


def test_groups_keep_the_sum() -> None:
    values = np.arange(10.0)
    groups = np.array([0, 3, 6, 9])
    assert grouped(values, groups).tolist() == [3.0, 12.0, 21.0, 9.0]
    assert grouped(np.empty(0), np.empty(0, dtype=np.intp)).tolist() == []


def test_a_group_closes_when_the_signal_stands_out() -> None:
    signal, variance = np.full(8, 10.0), np.full(8, 25.0)
    # n channels: 10 n over sqrt(25 n) = 2 sqrt(n); above 3 from n = 3 on
    groups = significant_groups(signal, variance, np.full(8, 0.1), sigma=3.0, most=10.0)
    assert groups.tolist() == [0, 3, 6]


def test_a_group_closes_when_it_is_wide_enough_though_nothing_is_there() -> None:
    groups = significant_groups(np.zeros(6), np.ones(6), np.full(6, 0.25), sigma=3.0, most=0.5)
    assert groups.tolist() == [0, 2, 4]


@pytest.mark.parametrize("seed", range(20))
def test_every_channel_is_in_exactly_one_group(seed: int) -> None:
    rng = np.random.default_rng(seed)
    signal, variance = rng.normal(5, 3, 50), rng.uniform(1, 9, 50)
    groups = significant_groups(signal, variance, rng.uniform(0, 0.2, 50), sigma=4.0, most=0.4)
    assert groups[0] == 0
    assert (np.diff(groups) > 0).all()
    assert grouped(signal, groups).sum() == pytest.approx(signal.sum())
