"""A message that can be neither stored nor refused is delivered again, without other effects."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest
from nats.aio.msg import Msg

from eclgrmd.bus import Delivery
from eclgrmd.bus.consumer import hand_over
from eclgrmd.errors import FatalError, InputError
from eclgrmd.hints import Hints
from eclgrmd.ingest.acknowledger import Acknowledger
from eclgrmd.store.sql.database import Database


class FullDatabase:
    """A database with a full disk, an error that no real server raises on demand."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        raise OSError("Error writing file (Errno: 28)")
        yield


class Settled:
    """A message that records how it was acknowledged."""

    def __init__(self) -> None:
        self.done = False
        self.delays_s: list[float | None] = []

    async def ack(self) -> None:
        self.done = True

    async def nak(self, delay: float | None = None) -> None:
        self.delays_s.append(delay)

    def delivery(self, times: int) -> Delivery:
        return Delivery("data.bandx", b"{}", {}, 1, times, cast("Msg", self))


def verdict() -> Acknowledger:
    return Acknowledger(cast("Database", FullDatabase()), Hints())


@pytest.mark.parametrize(("times", "delay_s"), [(1, 1.0), (30, 30.0), (5000, 60.0)])
async def test_what_cannot_even_be_refused_comes_again(times: int, delay_s: float) -> None:
    async def bad() -> None:
        raise InputError("it is bad")

    message = Settled()
    await verdict().settle(message.delivery(times), bad())
    assert not message.done
    assert message.delays_s == [delay_s]


async def test_a_daemon_that_cannot_go_on_says_so() -> None:
    async def locked_out() -> None:
        raise FatalError("the database server refuses our login")

    message = Settled()
    with pytest.raises(FatalError, match="refuses our login"):
        await verdict().settle(message.delivery(9), locked_out())
    assert not message.done
    assert message.delays_s == []


@pytest.mark.parametrize(("times", "delay_s"), [(1, 1.0), (3, 4.0), (7, 60.0), (5000, 60.0)])
async def test_a_handler_that_fails_gets_its_message_ever_later(times: int, delay_s: float) -> None:
    async def broken(_delivery: Delivery) -> None:
        raise ZeroDivisionError

    message = Settled()
    await hand_over(broken, [message.delivery(times)])
    assert not message.done
    assert message.delays_s == [delay_s]
