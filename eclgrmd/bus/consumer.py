"""A durable consumer: every message of a stream, until somebody says that it is done."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import nats.errors
import nats.js.api
import nats.js.errors
import structlog
from nats.aio.msg import Msg

from eclgrmd.aio.pauses import doubled
from eclgrmd.aio.polling import Troubles
from eclgrmd.errors import FatalError, TransientError

from .connection import Connection
from .pull import Pull
from .session import Session
from .values import Delivery

__all__ = ["Consumer", "hand_over"]

log = structlog.get_logger(__name__)

_BAD_REQUEST = 400
_CREATION_FAILED = 10012  # JetStream's own number, for what passes and for what cannot be updated
_RETRY_S = 0.5
_LONGEST_DELAY_S = 60.0


@dataclass(frozen=True, slots=True)
class Consumer:
    """Hands messages to ``handler``, up to ``batch`` together, ``in_flight`` times side by side."""

    stream: str
    subject: str
    durable: str
    handler: Callable[[Sequence[Delivery]], Awaitable[None]]
    batch: int
    in_flight: int
    ack_wait_s: float
    only_new: bool

    async def run(self, connection: Connection) -> None:
        """Consume until cancelled, over lost connections and lost consumers.

        Raises
        ------
        FatalError
            The server has such a consumer with settings that cannot be changed to ours.
        """
        async with asyncio.TaskGroup() as slots:
            for number in range(self.in_flight):
                slots.create_task(self._slot(connection), name=f"{self.durable} {number}")

    async def _slot(self, connection: Connection) -> None:
        troubles = Troubles(f"consumer {self.durable}")
        while True:
            session = await connection.present()
            try:
                async with session.limit(f"consumer {self.durable}"):
                    await self._ensure(session)
                async with Pull(session, self.stream, self.durable, self.batch) as pull:
                    while not session.is_lost:
                        messages = await pull.next()
                        await self.handler([_delivery(message) for message in messages])
                        troubles.over()
            except Exception as error:  # noqa: BLE001 - the policy decides, and raises what is fatal
                told = _passing(error)
                if session.is_lost and isinstance(told, TransientError):
                    continue  # the next session tells
                await asyncio.sleep(troubles.pause_s(told))

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
                f"NATS does not take consumer {self.durable} of stream {self.stream}: "
                f"{error.description}; delete that consumer or name another"
            ) from error


async def hand_over(
    handler: Callable[[Delivery], Awaitable[None]], deliveries: Sequence[Delivery]
) -> None:
    """Have messages handled one by one; one that we cannot handle comes again later."""
    for delivery in deliveries:
        try:
            await handler(delivery)
        except TransientError as error:
            await delivery.nak(error.delay_s)
        except FatalError:
            raise
        except Exception:
            # One message that we cannot handle must not keep the others from us.
            log.exception("message not handled", subject=delivery.subject, seq=delivery.sequence)
            await delivery.nak(doubled(1.0, delivery.delivered - 1, _LONGEST_DELAY_S))


def _passing(error: Exception) -> Exception:
    """Return what the server or its client raised as a passing trouble, all else as it is."""
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
