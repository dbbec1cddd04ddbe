import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eclgrmd.model.intervals import (
    Interval,
    bins_inside,
    inside,
    intersection,
    live_time,
    meeting,
    outside,
    total_length,
    union,
)
from eclgrmd.model.observation import Floats

interval = st.tuples(st.integers(0, 30), st.integers(0, 30))
intervals = st.lists(interval, max_size=6).map(lambda v: np.array(v, dtype=float).reshape(-1, 2))
MOMENTS = np.arange(-0.5, 31.0)  # between the integer edges: no question of open or closed


def naive(moment: float, some: Floats) -> bool:
    return any(start < moment < stop for start, stop in some)


def covered(some: Floats) -> list[bool]:
    return [naive(moment, some) for moment in MOMENTS]


@given(intervals)
def test_a_union_covers_the_same_moments_and_is_sorted_and_disjoint(some: Floats) -> None:
    merged = union(some)
    assert covered(merged) == covered(some)
    assert (merged[1:, 0] > merged[:-1, 1]).all()


@given(intervals, intervals)
def test_an_intersection_covers_what_both_cover(one: Floats, two: Floats) -> None:
    both = [a and b for a, b in zip(covered(one), covered(two), strict=True)]
    assert covered(intersection(one, two)) == both


@given(intervals)
def test_the_outside_covers_what_the_intervals_do_not(some: Floats) -> None:
    assert covered(outside(some)) == [not value for value in covered(some)]


@given(intervals)
def test_events_inside_are_those_that_lie_in_one_of_the_intervals(some: Floats) -> None:
    assert inside(MOMENTS, union(some)).tolist() == covered(some)


def test_bins_that_only_rounding_parts_meet() -> None:
    width = float(np.float32(0.064))  # TIMEDEL in single precision
    start = 0.064 * np.arange(1000.0)
    stop = meeting(start, start + width)
    assert (stop[:-1] == start[1:]).all()
    assert stop[-1] == start[-1] + width


def test_bins_that_a_gap_parts_stay_apart() -> None:
    start, stop = np.array([0.0, 1.5, 3.0]), np.array([1.0, 2.5, 4.0])
    assert meeting(start, stop).tolist() == [1.0, 2.5, 4.0]


@pytest.mark.parametrize(
    ("some", "left"),
    [
        ([(2.0, 3.0), (8.0, 12.0)], [[0.0, 2.0], [3.0, 8.0]]),
        ([(-1.0, 11.0)], []),
        ([(-3.0, -2.0), (20.0, 30.0)], [[0.0, 10.0]]),
        ([], [[0.0, 10.0]]),
    ],
)
def test_the_outside_in_a_window_ends_with_it(
    some: list[Interval], left: list[list[float]]
) -> None:
    assert outside(some, 0.0, 10.0).tolist() == left


@given(intervals)
def test_live_time_of_bins_is_their_overlap_with_the_intervals(some: Floats) -> None:
    edges = np.arange(0.0, 30.5, 0.5)
    overlap = live_time(edges, union(some))
    assert overlap.tolist() == [0.5 * naive(moment, some) for moment in edges[:-1] + 0.25]
    assert overlap.sum() == total_length(union(some))


@given(intervals)
def test_a_bin_is_inside_if_all_its_moments_are(some: Floats) -> None:
    edges = np.arange(0.0, 31.0, 2.0)
    expected = [naive(a + 0.5, some) and naive(a + 1.5, some) for a in edges[:-1]]
    touching = union(some)  # merged: an edge between two touching intervals parts no bin
    assert bins_inside(edges[:-1], edges[1:], touching).tolist() == expected
