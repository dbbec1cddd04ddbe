"""A packet that ends its worker is found by few trials, and nothing else is blamed."""

from collections.abc import Callable

import pytest

from eclgrmd.model.quicklook.isolation import Doubt


def searched(
    packets: list[int], analysed: int, fails: Callable[[list[int]], bool]
) -> tuple[list[int], int]:
    """Search as the daemon does; give what is set aside, and the trials that took."""
    left, aside, trials = list(packets), list[int](), 0
    while True:
        trials += 1
        if not fails(left):
            return aside, trials
        doubt: Doubt | None = Doubt(bad=left[-1])
        while doubt is not None:
            if doubt.convicted(left):
                aside += doubt.suspects(left)
                left = [each for each in left if each not in aside]
                break
            until = doubt.next_trial(left, analysed)
            trials += 1
            failed = fails([each for each in left if each <= until])
            doubt = doubt.failed(until) if failed else doubt.succeeded(until)


@pytest.mark.parametrize("analysed", [0, 3, 7, 99])
@pytest.mark.parametrize("bad", [1, 2, 7, 50, 99, 100])
def test_the_one_packet_is_found(bad: int, analysed: int) -> None:
    aside, trials = searched(list(range(1, 101)), analysed, lambda packets: bad in packets)
    assert aside == [bad]
    assert trials <= 12  # all, 8 of ever fewer, that one again, and all others


def test_a_packet_that_is_the_only_new_one_is_tried_twice() -> None:
    aside, trials = searched(list(range(1, 101)), 99, lambda packets: 100 in packets)
    assert aside == [100]
    assert trials <= 4


def test_several_are_found() -> None:
    aside, _ = searched(list(range(1, 101)), 40, lambda p: not {41, 42, 90}.isdisjoint(p))
    assert aside == [41, 42, 90]


def test_of_two_that_fail_only_together_the_later_one_is_set_aside() -> None:
    aside, _ = searched(list(range(1, 101)), 40, lambda packets: {10, 60} <= set(packets))
    assert aside == [60]


def test_a_failure_that_does_not_come_again_blames_nothing() -> None:
    tries = iter([True])
    aside, trials = searched(list(range(1, 101)), 40, lambda _: next(tries, False))
    assert aside == []
    assert trials <= 10


def test_where_numbers_have_holes_the_search_ends() -> None:
    packets = [3, 10, 11, 500, 501, 7000]
    for bad in packets:
        assert searched(packets, 10, lambda p, bad=bad: bad in p)[0] == [bad]  # type: ignore[misc]
