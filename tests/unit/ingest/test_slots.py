"""Hosts take turns at the download slots, and failing hosts share a few."""

from collections.abc import Iterable

from eclgrmd.ingest.slots import FetchSlots
from eclgrmd.store.intake.notifications import Fetch


def fetch(number: int, host: str, burst: str = "") -> Fetch:
    return Fetch(number, burst or f"b{number}", "a", f"{host}/a", 1, "0", 0, host)


def taken(slots: FetchSlots, queue: Iterable[Fetch]) -> list[str]:
    """Return the hosts of the files that get a slot, in order."""
    waiting, hosts = list(queue), list[str]()
    while (found := _next(slots, waiting)) is not None:
        waiting.remove(found)
        slots.add(found)
        hosts.append(found.host)
    return hosts


def _next(slots: FetchSlots, waiting: list[Fetch]) -> Fetch | None:
    if slots.full:
        return None
    full = slots.full_bursts
    for skipped in slots.host_exclusions():
        for each in waiting:
            if each.host not in skipped and each.burst_id not in full:
                return each
    return None


def test_hosts_take_turns() -> None:
    queue = [fetch(number, host) for number, host in enumerate("aaaaaaabbc")]
    assert taken(FetchSlots(), queue) == list("abcabaa")


def test_a_file_of_another_host_comes_second_behind_a_hundred_of_one() -> None:
    queue = [*(fetch(number, "silent", "b") for number in range(100)), fetch(100, "good", "b")]
    assert taken(FetchSlots(), queue) == ["silent", "good", "silent", "silent", "silent"]


def test_a_host_that_takes_all_its_places_of_a_burst_leaves_some_to_others() -> None:
    slots = FetchSlots()
    assert taken(slots, [fetch(number, "silent", "b") for number in range(9)]) == ["silent"] * 4
    assert taken(slots, [fetch(9, "good", "b")]) == ["good"]


def test_a_burst_leaves_places_to_other_bursts() -> None:
    slots = FetchSlots()
    taken(slots, [fetch(number, f"silent{number}", "b") for number in range(99)])
    assert taken(slots, [fetch(99, "silent0", "another")]) == ["silent0"]


def test_hosts_that_fail_have_one_place_each_and_a_few_together() -> None:
    slots = FetchSlots()
    for number in range(100):
        slots.add(failed := fetch(number, f"silent{number}"))
        slots.failed(failed)
        slots.remove(failed)
    queue = [fetch(100 + number, f"silent{number // 9}") for number in range(900)]
    assert taken(slots, queue) == [f"silent{number}" for number in range(8)]
    assert taken(slots, [fetch(2000 + number, "good") for number in range(9)]) == ["good"] * 4


def test_a_host_that_failed_has_all_its_places_again_once_a_file_came() -> None:
    slots = FetchSlots()
    slots.add(first := fetch(0, "a"))
    slots.failed(first)
    slots.remove(first)
    assert taken(slots, [fetch(number, "a") for number in range(1, 9)]) == ["a"]
    slots.received(fetch(1, "a"))
    assert taken(slots, [fetch(number, "a") for number in range(11, 19)]) == ["a"] * 4


def test_files_that_wait_for_their_inspection_hold_back_their_burst_only() -> None:
    slots = FetchSlots()
    for number in range(4):
        slots.add(waiting := fetch(number, "a", "b"))
        slots.received(waiting)
    assert slots.full_bursts == ("b",)
    assert taken(slots, [fetch(9, "a", "b"), fetch(10, "a", "another")]) == ["a"]
