"""Publishing and consuming on a real server."""

import asyncio
import uuid

import pytest

from eclgrmd.bus import Address, Bus, Delivery
from eclgrmd.embedded import PrivateNats
from eclgrmd.errors import FatalError, PermanentError, TransientError
from tests.bus.conftest import Desk
from tests.support.consuming import consuming, eventually


async def test_a_message_arrives_with_its_headers_and_is_settled_once(desk: Desk) -> None:
    seen: list[Delivery] = []

    async def handler(delivery: Delivery) -> None:
        seen.append(delivery)
        await delivery.ack()

    published = await desk.bus.publish(desk.subject, b"payload", "id-1", {"Burst": "sb26112201"})
    async with consuming(desk.bus, desk.stream, desk.subject, handler, ack_wait_s=0.2):
        await eventually(lambda: bool(seen))
        await asyncio.sleep(0.5)
    assert len(seen) == 1
    assert seen[0].data == b"payload"
    assert seen[0].headers["Burst"] == "sb26112201"
    assert seen[0].sequence == published.sequence
    assert seen[0].delivered == 1


async def test_a_message_id_is_kept_once(desk: Desk) -> None:
    first = await desk.bus.publish(desk.subject, b"a", "same")
    second = await desk.bus.publish(desk.subject, b"b", "same")
    assert (first.duplicate, second.duplicate) == (False, True)
    assert second.sequence == first.sequence


async def test_one_in_flight_keeps_the_order(desk: Desk) -> None:
    seen: list[bytes] = []

    async def handler(delivery: Delivery) -> None:
        seen.append(delivery.data)
        await delivery.ack()

    wanted = [str(number).encode() for number in range(50)]
    for data in wanted:
        await desk.bus.publish(desk.subject, data, data.decode())
    async with consuming(desk.bus, desk.stream, desk.subject, handler):
        await eventually(lambda: len(seen) == len(wanted))
    assert seen == wanted


async def test_messages_that_do_not_wait_for_each_other_keep_their_order(desk: Desk) -> None:
    async with asyncio.TaskGroup() as group:
        publishing = [
            group.create_task(desk.bus.publish(desk.subject, b"x" * size, f"id-{number}"))
            for number, size in enumerate((200_000, 10) * 50)
        ]
    sequences = [each.result().sequence for each in publishing]
    assert sequences == sorted(sequences)


async def test_no_more_are_in_hand_than_allowed(desk: Desk) -> None:
    in_hand, most, done = 0, 0, 0

    async def handler(delivery: Delivery) -> None:
        nonlocal in_hand, most, done
        in_hand += 1
        most = max(most, in_hand)
        await asyncio.sleep(0.02)
        in_hand -= 1
        done += 1
        await delivery.ack()

    for number in range(20):
        await desk.bus.publish(desk.subject, b"", str(number))
    async with consuming(desk.bus, desk.stream, desk.subject, handler, in_flight=4):
        await eventually(lambda: done == 20)
    assert 1 < most <= 4


@pytest.mark.parametrize("error", [TransientError("later", delay_s=0.05), ValueError("a bug")])
async def test_a_handler_that_raises_gets_the_message_again(desk: Desk, error: Exception) -> None:
    deliveries: list[int] = []

    async def handler(delivery: Delivery) -> None:
        deliveries.append(delivery.delivered)
        if delivery.delivered == 1:
            raise error
        await delivery.ack()

    await desk.bus.publish(desk.subject, b"", "id")
    async with consuming(desk.bus, desk.stream, desk.subject, handler):
        await eventually(lambda: deliveries == [1, 2])


async def test_a_message_without_a_verdict_comes_again(desk: Desk) -> None:
    deliveries: list[int] = []

    async def handler(delivery: Delivery) -> None:
        deliveries.append(delivery.delivered)
        if delivery.delivered == 2:
            await delivery.ack()

    await desk.bus.publish(desk.subject, b"", "id")
    async with consuming(desk.bus, desk.stream, desk.subject, handler, ack_wait_s=0.2):
        await eventually(lambda: deliveries == [1, 2])
        await asyncio.sleep(0.5)
    assert deliveries == [1, 2]


async def test_a_consumer_goes_on_where_it_was(desk: Desk) -> None:
    seen: list[bytes] = []

    async def handler(delivery: Delivery) -> None:
        seen.append(delivery.data)
        await delivery.ack()

    for data in (b"1", b"2"):
        await desk.bus.publish(desk.subject, data, data.decode())
        async with consuming(desk.bus, desk.stream, desk.subject, handler):
            await eventually(lambda wanted: wanted in seen, data)
    assert seen == [b"1", b"2"]


async def test_a_new_consumer_may_begin_with_what_comes(desk: Desk) -> None:
    seen: list[bytes] = []

    async def handler(delivery: Delivery) -> None:
        seen.append(delivery.data)
        await delivery.ack()

    await desk.bus.publish(desk.subject, b"old", "old")
    async with consuming(desk.bus, desk.stream, desk.subject, handler, only_new=True):
        await asyncio.sleep(0.3)
        await desk.bus.publish(desk.subject, b"new", "new")
        await eventually(lambda: bool(seen))
    assert seen == [b"new"]


async def test_a_stream_that_keeps_our_subjects_already_is_used(desk: Desk) -> None:
    assert await desk.bus.ensure_stream("another_name", [desk.subject]) == desk.stream


async def test_a_stream_of_ours_gets_a_new_subject(desk: Desk) -> None:
    subject = f"more_{uuid.uuid4().hex}"
    assert await desk.bus.ensure_stream(desk.stream, [subject]) == desk.stream
    await desk.bus.publish(subject, b"", "x")
    await desk.bus.publish(desk.subject, b"", "y")


async def test_subjects_of_two_streams_are_refused_with_the_reason(desk: Desk) -> None:
    wanted = [f"free_{uuid.uuid4().hex}", desk.subject]
    with pytest.raises(FatalError, match=r"NATS refuses stream third.*overlap"):
        await desk.bus.ensure_stream("third", wanted)


async def test_a_message_nobody_keeps_is_an_error(desk: Desk) -> None:
    with pytest.raises(TransientError, match="no stream keeps nowhere"):
        await desk.bus.publish("nowhere", b"", "id")


async def test_a_message_too_large_is_given_up(desk: Desk) -> None:
    with pytest.raises(PermanentError, match="larger than NATS takes"):
        await desk.bus.publish(desk.subject, bytes(9_000_000), "id")


async def test_an_incompatible_consumer_is_named(desk: Desk, nats: PrivateNats) -> None:
    async def handler(delivery: Delivery) -> None:
        await delivery.ack()

    async with consuming(desk.bus, desk.stream, desk.subject, handler):
        await asyncio.sleep(0.2)
    async with Bus(Address(nats.url)) as other:
        with pytest.raises(ExceptionGroup) as caught:
            await other.consume(desk.stream, desk.subject, "test", handler, only_new=True)
    assert caught.group_contains(FatalError, match="consumer test of stream")
