"""The interface of the message bus."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Self

import nats.errors
import nats.js.errors
from nats.aio.msg import Msg

from eclgrmd.errors import PermanentError, TransientError
from eclgrmd.model.names import header_value

from .connection import Connection
from .consumer import Consumer, hand_over
from .service import start_service
from .session import Session
from .streams import Stream, ensure_stream
from .values import Address, Delivery, Endpoint, Message, Published

__all__ = ["Bus"]

_TOO_LARGE = frozenset({10054, 10097})
"""JetStream's error codes for a message, or its headers, that exceed the limits of a stream."""


class Bus:
    """A connection to NATS that reconnects by itself and restores streams and subscriptions.

    Usable as an asynchronous context manager. While the server is unavailable, `consume` waits and
    all other methods raise `TransientError` at once.

    Parameters
    ----------
    address
        The server and the login.
    name
        Name of the connection, as shown to the operator of the server.
    limit_s
        Longest wait for one answer, seconds.
    """

    def __init__(self, address: Address, *, name: str = "eclgrmd", limit_s: float = 5.0) -> None:
        self._connection = Connection(address, name, limit_s)
        self._limit_s = limit_s

    @property
    def connected(self) -> bool:
        """True if the connection is open and completely set up."""
        return self._connection.connected

    async def connect(self) -> None:
        """Connect for the first time.

        Raises
        ------
        FatalError
            If the server refuses the login, is older than 2.10 or has no JetStream.
        TransientError
            If no server answers.
        """
        await self._connection.connect()

    async def close(self) -> None:
        """Handle received messages, send published ones, and disconnect."""
        await self._connection.close()

    async def ping(self) -> float:
        """Return the round-trip time to the server, seconds."""
        begin = time.perf_counter()
        async with self._connection.use("ping") as session:
            await session.client.flush()
        return time.perf_counter() - begin

    async def ensure_stream(
        self,
        name: str,
        subjects: Sequence[str],
        *,
        max_age_s: float = 0.0,
        max_bytes: int = -1,
        duplicate_window_s: float = 120.0,
    ) -> str:
        """Make a stream on disk that keeps ``subjects``, and return its name.

        An existing stream that keeps all of them is used as it is, whatever its name. If the server
        loses the stream, it is made again.

        Parameters
        ----------
        name
            Name of a new stream.
        subjects
            Subjects whose messages the stream keeps.
        max_age_s
            Age at which messages are dropped, seconds; 0: never.
        max_bytes
            Size beyond which the oldest messages are dropped; -1: no limit.
        duplicate_window_s
            Time for which a message id is remembered, seconds.

        Raises
        ------
        FatalError
            If the server refuses the stream; the text gives its reason.
        """
        stream = Stream(name, tuple(subjects), max_age_s, max_bytes, duplicate_window_s)
        found = ""

        async def restore(session: Session) -> None:
            nonlocal found
            found = await ensure_stream(session, stream)

        async def set_up(session: Session) -> None:
            session.restorers.append(restore)
            await restore(session)

        await self._connection.add(f"stream {name}", set_up)
        return found

    async def publish(
        self,
        subject: str,
        payload: bytes,
        message_id: str,
        headers: Mapping[str, str] | None = None,
    ) -> Published:
        """Publish a message to the stream that keeps ``subject``; return once it is on disk there.

        The stream keeps one message per ``message_id`` within its duplicate window, so a message
        can safely be published again after an error. Messages keep the order of the calls, even if
        a call does not wait for the one before.

        Raises
        ------
        PermanentError
            If the server can never accept the message: it is too large, or its subject is invalid.
        TransientError
            If it is not known whether the message arrived, or the server cannot store it now.
        """
        all_headers = {**(headers or {}), "Nats-Msg-Id": header_value(message_id)}
        async with self._connection.use(f"publish on {subject}") as session:
            try:
                ack = await session.streams.publish(
                    subject, payload, timeout=self._limit_s, headers=all_headers
                )
            except nats.errors.MaxPayloadError as error:
                raise PermanentError(
                    f"a message of {len(payload)} bytes on {subject} is larger than NATS takes"
                ) from error
            except (nats.errors.BadSubjectError, nats.errors.BadHeaderError) as error:
                raise PermanentError(
                    f"NATS has no subject or header {error} {subject!r}"
                ) from error
            except nats.js.errors.APIError as error:
                if error.err_code in _TOO_LARGE:
                    raise PermanentError(f"{subject}: {error.description}") from error
                raise
            except nats.js.errors.NoStreamResponseError as error:
                await session.restore()
                raise TransientError(f"no stream keeps {subject}") from error
        return Published(ack.stream, ack.seq, bool(ack.duplicate))

    async def consume(
        self,
        stream: str,
        subject: str,
        durable: str,
        handler: Callable[[Delivery], Awaitable[None]],
        *,
        in_flight: int = 1,
        ack_wait_s: float = 30.0,
        only_new: bool = False,
    ) -> None:
        """Pass every message on ``subject`` to ``handler``, until cancelled.

        The handler acknowledges each delivery itself. If it raises an error, the message is
        delivered again: after the delay of a `TransientError`, or with growing delays after any
        other error. If it returns without acknowledging, the message is delivered again after
        ``ack_wait_s``.

        Parameters
        ----------
        stream
            Name of the stream.
        subject
            Subject of the messages.
        durable
            Name of the consumer on the server, which remembers what was acknowledged.
        handler
            Handles one delivery.
        in_flight
            Number of messages that are handled at the same time; 1 keeps their order.
        ack_wait_s
            Time without an acknowledgement after which a message is delivered again, seconds.
        only_new
            True: a new consumer starts with messages published from now on. False: with the oldest
            message in the stream.

        Raises
        ------
        FatalError
            If the server has this consumer with settings that cannot be changed to ours.
        """
        one_by_one = partial(hand_over, handler)
        consumer = Consumer(
            stream, subject, durable, one_by_one, 1, in_flight, ack_wait_s, only_new
        )
        await consumer.run(self._connection)

    async def consume_batches(
        self,
        stream: str,
        subject: str,
        durable: str,
        handler: Callable[[Sequence[Delivery]], Awaitable[None]],
        *,
        batch: int,
        ack_wait_s: float = 30.0,
    ) -> None:
        """Pass the messages on ``subject`` to ``handler`` in order and in batches, until cancelled.

        The handler acknowledges each delivery itself and must not raise.

        Parameters
        ----------
        stream
            Name of the stream.
        subject
            Subject of the messages.
        durable
            Name of the consumer on the server, which remembers what was acknowledged.
        handler
            Handles a batch of deliveries.
        batch
            Most deliveries in one batch.
        ack_wait_s
            Time without an acknowledgement after which a message is delivered again, seconds.

        Raises
        ------
        FatalError
            If the server has this consumer with settings that cannot be changed to ours.
        """
        consumer = Consumer(stream, subject, durable, handler, batch, 1, ack_wait_s, only_new=False)
        await consumer.run(self._connection)

    async def subscribe(self, subject: str, handler: Callable[[Message], Awaitable[None]]) -> None:
        """Pass messages on ``subject`` to ``handler`` from now on, at most once each.

        Messages that are published while the connection is lost are not delivered.
        """

        async def receive(message: Msg) -> None:
            await handler(_plain(message))

        async def set_up(session: Session) -> None:
            await session.client.subscribe(subject, cb=receive)
            await session.client.flush()

        await self._connection.add(f"subscription to {subject}", set_up)

    async def request(self, subject: str, payload: bytes, limit_s: float | None = None) -> Message:
        """Send a request, and return the first response.

        Raises
        ------
        TransientError
            If no response arrives in time.
        """
        wait_s = self._limit_s if limit_s is None else limit_s
        async with self._connection.use(f"request on {subject}", wait_s) as session:
            return _plain(await session.client.request(subject, payload, timeout=wait_s))

    async def serve(
        self, name: str, version: str, description: str, endpoints: Sequence[Endpoint]
    ) -> None:
        """Serve requests as a NATS micro service, which answers PING, INFO and STATS too."""

        async def set_up(session: Session) -> None:
            await start_service(session, name, version, description, endpoints)

        await self._connection.add(f"service {name}", set_up)

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


def _plain(message: Msg) -> Message:
    return Message(message.subject, message.data, dict(message.headers or {}))
