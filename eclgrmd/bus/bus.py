"""The bus: one door to everything that eclgrmd does with NATS."""

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

_NEVER = frozenset({10054, 10097})
"""JetStream's numbers for a message, or its headers, beyond the limits of a stream."""


class Bus:
    """A lasting connection to NATS, which comes back by itself with all that was set up on it.

    Usable as an asynchronous context manager.  While the server is away, what needs it raises
    `TransientError` at once, and `consume` waits.

    Parameters
    ----------
    address
        The server and our login.
    name
        What the server's operator sees us as.
    limit_s
        How long to wait for any one answer, seconds.
    """

    def __init__(self, address: Address, *, name: str = "eclgrmd", limit_s: float = 5.0) -> None:
        self._connection = Connection(address, name, limit_s)
        self._limit_s = limit_s

    @property
    def connected(self) -> bool:
        """Whether the server is there and everything is set up on it."""
        return self._connection.connected

    async def connect(self) -> None:
        """Connect for the first time.

        Raises
        ------
        FatalError
            The server refuses us, is older than 2.10 or has no JetStream.
        TransientError
            There is no server.
        """
        await self._connection.connect()

    async def close(self) -> None:
        """Handle what was received, send what was published, and disconnect."""
        await self._connection.close()

    async def ping(self) -> float:
        """Time to the server and back, seconds."""
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
        """Have a stream on disk that keeps ``subjects``, and return its name.

        A stream that keeps all of them already is used as it is, whatever its name.  It is made
        again should the server lose it.

        Raises
        ------
        FatalError
            The server cannot have such a stream; the text gives its reason.
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
        """Put a message into the stream that keeps ``subject``; return once it is on disk there.

        The stream keeps one message per ``message_id`` (within its duplicate window), so that
        publishing again after an error is harmless.  Who does not wait for one before publishing
        the next has them in that order nevertheless.

        Raises
        ------
        PermanentError
            The server never takes this message: it is too large, or its subject is none.
        TransientError
            It is not known whether the message arrived, or the server cannot store it now.
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
                if error.err_code in _NEVER:
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
        """Hand every message on ``subject`` to ``handler``, until cancelled.

        The handler settles each delivery itself.  One that raises has its message delivered again
        later: after `TransientError.delay_s`, or after longer and longer for any other error.
        One that returns without a verdict has it again after ``ack_wait_s`` seconds.

        Parameters
        ----------
        in_flight
            How many messages are in hand at the same time; 1 keeps their order.
        only_new
            A consumer that is new to the server begins with what comes now, not with what is kept.

        Raises
        ------
        FatalError
            The server has such a consumer with settings that cannot be changed to ours.
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
        """Hand the messages on ``subject`` to ``handler`` in order, until cancelled.

        It gets up to ``batch`` of them at a time, settles each itself and does not raise.

        Raises
        ------
        FatalError
            The server has such a consumer with settings that cannot be changed to ours.
        """
        consumer = Consumer(stream, subject, durable, handler, batch, 1, ack_wait_s, only_new=False)
        await consumer.run(self._connection)

    async def subscribe(self, subject: str, handler: Callable[[Message], Awaitable[None]]) -> None:
        """Hand what is said on ``subject`` from now on to ``handler``; what is missed is missed."""

        async def receive(message: Msg) -> None:
            await handler(_plain(message))

        async def set_up(session: Session) -> None:
            await session.client.subscribe(subject, cb=receive)
            await session.client.flush()

        await self._connection.add(f"subscription to {subject}", set_up)

    async def request(self, subject: str, payload: bytes, limit_s: float | None = None) -> Message:
        """Ask, and return the first answer.

        Raises
        ------
        TransientError
            Nobody answers, or not in time.
        """
        wait_s = self._limit_s if limit_s is None else limit_s
        async with self._connection.use(f"request on {subject}", wait_s) as session:
            return _plain(await session.client.request(subject, payload, timeout=wait_s))

    async def serve(
        self, name: str, version: str, description: str, endpoints: Sequence[Endpoint]
    ) -> None:
        """Answer requests as a service that NATS tools find (PING, INFO, STATS)."""

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
