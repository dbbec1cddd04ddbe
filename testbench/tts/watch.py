"""Listens to `activity.eclgrm`: every message once and in order, across restarts."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import ConsumerConfig, DeliverPolicy

from eclgrmd.model.messages.founding import (
    DataActivity,
    ProductsActivity,
    ServiceMessage,
    TaskActivity,
)
from eclgrmd.model.task import FINAL_STATES

from .address import Address

__all__ = ["ActivityWatch", "Received"]

T = TypeVar("T")
_FIGURES_FOLLOW = ", figures follow"
"""End of `info` of an announcement after which a second one follows."""
_SUBJECT = "activity.eclgrm"
_TRY_AGAIN_S = 0.1
"""Pause before a new connection, seconds."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message as received."""

    sequence: int
    """Its sequence number in the stream."""
    at: float
    """Time of receipt, Unix time."""
    raw: dict[str, Any]
    """The JSON as sent, with the order of its fields."""
    message: ServiceMessage
    """The decoded message."""


class ActivityWatch:
    """All messages of the daemon, and a way to wait for more."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._changed = asyncio.Condition()
        self._last = 0
        self.messages: list[Received] = []
        self.malformed: list[str] = []
        """Messages of another form than agreed, with the reason."""

    async def run(self) -> None:
        """Listen forever; reconnect and resume whenever the server was down."""
        while True:
            endpoints = self._address.find()
            if endpoints is not None:
                await self._listen(endpoints.nats)
            await asyncio.sleep(_TRY_AGAIN_S)

    async def wait_for(self, look: Callable[[], T | None], *, limit_s: float) -> T:
        """Wait until `look` returns a value, and return it.

        Raises
        ------
        TimeoutError
            If it returns None until the limit.
        """
        async with asyncio.timeout(limit_s), self._changed:
            while (found := look()) is None:
                await self._changed.wait()
            return found

    def service_messages(self, *, after: int = 0) -> list[Received]:
        """Return the service statuses after a sequence number of the stream."""
        return [m for m in self.messages if m.message.activity is None and m.sequence > after]

    def task_changes(self, task_id: str) -> list[TaskActivity]:
        """Return the changes of a task in the order of their announcement."""
        return [
            a
            for m in self.messages
            if isinstance(a := m.message.activity, TaskActivity) and a.task_id == task_id
        ]

    def final_change(self, task_id: str) -> TaskActivity | None:
        """Return the change that ended a task, or None."""
        return next((c for c in self.task_changes(task_id) if c.state in FINAL_STATES), None)

    def products(self, task_id: str) -> tuple[float, ProductsActivity] | None:
        """Return the time and the announcement of all products of a task, or None.

        An earlier announcement, of the result alone, says that figures follow.
        """
        for m in self.messages:
            activity = m.message.activity
            if (
                isinstance(activity, ProductsActivity)
                and activity.task_id == task_id
                and not m.message.info.endswith(_FIGURES_FOLLOW)
            ):
                return m.at, activity
        return None

    def data(self, burst_id: str, name: str, sha256: str) -> DataActivity | None:
        """Return the newest announcement about a data file, or None."""
        for m in reversed(self.messages):
            a = m.message.activity
            if isinstance(a, DataActivity) and (a.burst_id, a.name, a.sha256) == (
                burst_id,
                name,
                sha256,
            ):
                return a
        return None

    @property
    def last_sequence(self) -> int:
        """Sequence number of the newest message in the stream."""
        return self._last

    async def _listen(self, url: str) -> None:
        """Listen until the connection ends."""
        try:
            connection = await nats.connect(
                url, allow_reconnect=False, connect_timeout=2, error_cb=_quiet, name="testbench"
            )
        except (OSError, NatsError, TimeoutError):
            return
        try:
            await self._receive(connection)
        except (OSError, NatsError, TimeoutError):
            return
        finally:
            await connection.close()

    async def _receive(self, connection: Client) -> None:
        subscription = await connection.jetstream().subscribe(
            _SUBJECT,
            ordered_consumer=True,
            config=ConsumerConfig(
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=self._last + 1
            ),
        )
        while not connection.is_closed:
            try:
                message = await subscription.next_msg(timeout=0.5)
            except nats.errors.TimeoutError:
                continue
            await self._note(message.metadata.sequence.stream, message.data)

    async def _note(self, sequence: int, payload: bytes) -> None:
        async with self._changed:
            self._last = max(self._last, sequence)
            try:
                message = msgspec.json.decode(payload, type=ServiceMessage)
            except msgspec.DecodeError as error:
                self.malformed.append(f"message {sequence}: {error}: {payload[:200]!r}")
            else:
                raw = msgspec.json.decode(payload)
                self.messages.append(Received(sequence, time.time(), raw, message))
            self._changed.notify_all()


async def _quiet(_error: Exception) -> None:
    """Keep nats-py from printing: a connection that ends is no surprise here."""
