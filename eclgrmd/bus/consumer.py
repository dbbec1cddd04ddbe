"""A durable consumer: delivers each message of a stream until it is acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import nats.errors
import nats.js.api
import nats.js.errors
import structlog
from nats.aio.msg import Msg

from eclgrmd.aio.backoff import backoff_s
from eclgrmd.aio.polling import FailurePolicy
from eclgrmd.errors import FatalError, TransientError

from .connection import Connection
from .pull import Pull
from .session import Session
from .values import Delivery

__all__ = ["Consumer", "hand_over"]

log = structlog.get_logger(__name__)

_BAD_REQUEST = 400
"""JetStream's status of a request that it can never accept."""
_CREATION_FAILED = 10012
"""JetStream's error code for temporary failures, and also for settings that cannot be updated."""
_RETRY_S = 0.5
"""First pause after an error of the server."""
_LONGEST_DELAY_S = 60.0
"""Longest delay before a message is delivered again whose handling failed unexpectedly."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """Passes the messages of a durable consumer to a handler, in batches."""

    stream: str
    """Name of the stream."""
    subject: str
    """Subject of the messages."""
    durable: str
    """Name of the consumer on the server."""
    handler: Callable[[Sequence[Delivery]], Awaitable[None]]
    """Handles a batch, and acknowledges each delivery."""
    batch: int
    """Most deliveries in one batch."""
    in_flight: int
    """Number of batches that are handled at the same time."""
    ack_wait_s: float
    """Time without an acknowledgement after which a message is delivered again, seconds."""
    only_new: bool
    """Whether a new consumer ignores messages that are in the stream already."""

    async def run(self, connection: Connection) -> None:
        """Consume until cancelled; resume after a lost connection or consumer.

        Raises
        ------
        FatalError
            If the server has this consumer with settings that cannot be changed to ours.
        """
        async with asyncio.TaskGroup() as slots:
            for number in range(self.in_flight):
                slots.create_task(self._slot(connection), name=f"{self.durable} {number}")

    async def _slot(self, connection: Connection) -> None:
        policy = FailurePolicy(f"consumer {self.durable}")
        while True:
            session = await connection.present()
            try:
                async with session.limit(f"consumer {self.durable}"):
                    await self._ensure(session)
                async with Pull(session, self.stream, self.durable, self.batch) as pull:
                    while not session.is_lost:
                        messages = await pull.next()
                        await self.handler([_delivery(message) for message in messages])
                        policy.succeeded()
            except Exception as error:  # noqa: BLE001 - the policy decides, and raises what is fatal
                classified = _classified(error)
                if session.is_lost and isinstance(classified, TransientError):
                    continue  # the connection logs its loss
                await asyncio.sleep(policy.pause_s(classified))

    async def _ensure(self, session: Session) -> None:
        policy = nats.js.api.DeliverPolicy
        wanted = nats.js.api.ConsumerConfig(
            durable_name=self.durable,
            filter_subject=self.subject,
            deliver_policy=policy.NEW if self.only_new else policy.ALL,
            ack_policy=nats.js.api.AckPolicy.EXPLICIT,
            ack_wait=self.ack_wait_s,
        )
        try:
            await session.streams.add_consumer(self.stream, wanted)
        except nats.js.errors.NotFoundError:
            await session.restore()
            raise
        except nats.js.errors.APIError as error:
            updating = error.err_code == _CREATION_FAILED and "updated" in str(error.description)
            if error.code != _BAD_REQUEST and not updating:
                raise
            raise FatalError(
                f"NATS refuses consumer {self.durable} of stream {self.stream}: "
                f"{error.description}; delete that consumer or name another"
            ) from error


async def hand_over(
    handler: Callable[[Delivery], Awaitable[None]], deliveries: Sequence[Delivery]
) -> None:
    """Handle messages one by one; request a new delivery of those whose handling failed."""
    for delivery in deliveries:
        try:
            await handler(delivery)
        except TransientError as error:
            await delivery.nak(error.delay_s)
        except FatalError:
            raise
        except Exception:
            # One bad message must not block the others.
            log.exception("message not handled", subject=delivery.subject, seq=delivery.sequence)
            await delivery.nak(backoff_s(1.0, delivery.delivered - 1, _LONGEST_DELAY_S))


def _classified(error: Exception) -> Exception:
    """Return an error of the server or its client as TransientError, any other error as it is."""
    if isinstance(error, nats.errors.Error | OSError):
        return TransientError(f"NATS: {error}", delay_s=_RETRY_S)
    return error


def _delivery(message: Msg) -> Delivery:
    known = message.metadata
    return Delivery(
        subject=message.subject,
        data=message.data,
        headers=dict(message.headers or {}),
        sequence=known.sequence.stream,
        delivered=known.num_delivered,
        message=message,
    )
