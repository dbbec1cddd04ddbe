"""Calls of several senders and bursts take turns, and none delays the others."""

import asyncio
from collections.abc import Callable

import pytest

from eclgrmd.compute import Workers, WorkerTimeoutError
from eclgrmd.compute.queue import FairQueue
from eclgrmd.compute.request import Request, decoder_of
from tests.support import called

New = Callable[..., Request]


@pytest.fixture
async def new() -> New:
    loop = asyncio.get_running_loop()
    return lambda name, *shares: Request(
        name, b"", decoder_of(name), None, loop.create_future(), None, shares
    )


def order(waiting: FairQueue) -> list[str]:
    taken = []
    while (request := waiting.take([])) is not None:
        taken.append(request.target)
    return taken


def test_calls_without_shares_go_in_their_order_within_a_priority(new: New) -> None:
    waiting = FairQueue(2)
    for name, priority in (("a", 0), ("b", 1), ("c", -1), ("d", 0)):
        waiting.put(priority, new(name))
    assert order(waiting) == ["c", "a", "d", "b"]


def test_bursts_have_turns_though_one_sends_many_files_first(new: New) -> None:
    waiting = FairQueue(2)
    for name in ("a1", "a2", "a3", "b1", "b2", "c1"):
        waiting.put(0, new(name, "sender", name[0]))
    assert order(waiting) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_senders_have_turns_though_one_names_many_bursts(new: New) -> None:
    waiting = FairQueue(2)
    for name in ("a1", "a2", "a3", "b1"):
        waiting.put(0, new(name, name[0], f"burst {name}"))
    assert order(waiting) == ["a1", "b1", "a2", "a3"]


@pytest.mark.parametrize(
    ("running", "next_one"),
    [
        ([], "a1"),
        ([("a", "1")], "b1"),
        ([("a", "1"), ("a", "2")], "b1"),
        ([("a", "2"), ("a", "3")], "b1"),
        ([("b", "1"), ("a", "2")], "a1"),
        ([("b", "1"), ("b", "2")], "a1"),
    ],
)
def test_no_sender_has_all_workers_and_no_burst_all_of_its_senders(
    new: New, running: list[tuple[str, str]], next_one: str
) -> None:
    waiting = FairQueue(3)
    for sender, burst in ("a1", "a2", "b1"):
        waiting.put(0, new(sender + burst, sender, f"{sender}'s {burst}"))
    begun = [new("running", sender, f"{sender}'s {burst}") for sender, burst in running]
    taken = waiting.take(begun)
    assert taken is not None
    assert taken.target == next_one


def test_a_burst_leaves_a_worker_to_others_of_its_sender(new: New) -> None:
    waiting = FairQueue(3)
    for burst in ("1", "2"):
        waiting.put(0, new(burst, "a", burst))
    taken = waiting.take([new("1", "a", "1")])
    assert taken is not None
    assert taken.target == "2"


def test_a_sender_gets_no_more_even_when_nobody_else_waits(new: New) -> None:
    waiting = FairQueue(2)
    waiting.put(0, new("a2", "a", "burst 2"))
    assert waiting.take([new("a1", "a", "burst 1")]) is None
    assert order(waiting) == ["a2"]


def test_a_call_that_nobody_waits_for_any_more_is_left_out(new: New) -> None:
    waiting = FairQueue(2)
    given_up = new("a")
    waiting.put(0, given_up)
    waiting.put(0, new("b"))
    given_up.answer.cancel()
    assert len(waiting) == 1
    assert order(waiting) == ["b"]


async def test_calls_that_hang_for_one_burst_leave_a_worker_to_another() -> None:
    async with Workers(3) as workers, asyncio.TaskGroup() as group:
        hanging = [
            group.create_task(refused(workers), name=f"hanging {number}") for number in range(3)
        ]
        await asyncio.sleep(0)
        assert await workers.call(called.echo, 1, shares=("s", "good")) == (1,)
        assert not any(each.done() for each in hanging)


async def refused(workers: Workers) -> None:
    with pytest.raises(WorkerTimeoutError):
        await workers.call(called.sleep, 3600.0, timeout_s=4.0, shares=("s", "bad"))
