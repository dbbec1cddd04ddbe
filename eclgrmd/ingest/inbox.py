"""Messages of `data.bandx`: notifications and tasks become rows, then they are acknowledged."""

from collections.abc import Callable, Sequence

import structlog

from eclgrmd.bus import Delivery
from eclgrmd.errors import PermanentError, TransientError
from eclgrmd.model.messages import (
    DataNotification,
    Incoming,
    RerunRequest,
    TaskRequest,
    read_incoming,
)
from eclgrmd.store.database import Database, Transaction
from eclgrmd.store.faults import record_fault
from eclgrmd.store.hints import Hints
from eclgrmd.store.notifications import record_notification
from eclgrmd.store.reruns import submit_rerun
from eclgrmd.store.tasks import submit_task

__all__ = ["Inbox"]

_FULL_DELAY_S = 5.0

_MOST_DELIVERIES = 5


class Inbox:
    """Handles the messages that have come in one transaction, or one by one if that fails."""

    def __init__(self, database: Database, hints: Hints, *, full: Callable[[], bool]) -> None:
        self._database = database
        self._hints = hints
        self._full = full
        self._log = structlog.get_logger("ingest")

    async def handle_all(self, deliveries: Sequence[Delivery]) -> None:
        """Store what messages say, then acknowledge them."""
        if len(deliveries) > 1 and await self._stored_together(deliveries):
            for delivery in deliveries:
                await delivery.ack()
        else:
            for delivery in deliveries:
                await self.handle(delivery)

    async def _stored_together(self, deliveries: Sequence[Delivery]) -> bool:
        """Store messages at once; False: nothing was stored, each has its own trouble."""
        try:
            messages = [read_incoming(delivery.data) for delivery in deliveries]
            if self._full() and not all(isinstance(each, DataNotification) for each in messages):
                return False
            async with self._database.transaction() as transaction:
                news = [await _record(transaction, message) for message in messages]
        except Exception:
            # Whatever it is, it belongs to one of them: alone, each gets its own verdict.
            return False
        self._hints.give_arrival()
        for message, new in zip(messages, news, strict=True):
            self._tell(message, new=new)
        return True

    async def handle(self, delivery: Delivery) -> None:
        """Store what a message says, then acknowledge it; a bad one is recorded and answered."""
        try:
            await self._store(delivery)
        except TransientError as error:
            self._log.warning("message put back", reason=str(error), subject=delivery.subject)
            await delivery.nak(delay_s=error.delay_s)
        except Exception:
            # A fault of our own: a message must not come again and again for ever.
            self._log.exception("message not handled", subject=delivery.subject)
            if delivery.delivered < _MOST_DELIVERIES:
                await delivery.nak(delay_s=float(delivery.delivered))
            else:
                await delivery.term()
        else:
            await delivery.ack()

    async def _store(self, delivery: Delivery) -> None:
        try:
            message = read_incoming(delivery.data)
            new = await self._recorded(message)
        except PermanentError as error:
            await self._answer_fault(delivery, str(error))
            return
        self._tell(message, new=new)

    def _tell(self, message: Incoming, *, new: bool) -> None:
        self._log.info(
            "message received" if new else "message was known",
            kind="data" if isinstance(message, DataNotification) else "task",
            message_id=message.id,
        )

    async def _recorded(self, message: Incoming) -> bool:
        if not isinstance(message, DataNotification) and self._full():
            raise TransientError("too many tasks are open", delay_s=_FULL_DELAY_S)
        async with self._database.transaction() as transaction:
            new = await _record(transaction, message)
        self._hints.give_arrival()
        return new

    async def _answer_fault(self, delivery: Delivery, reason: str) -> None:
        self._log.warning("message refused", reason=reason, subject=delivery.subject)
        async with self._database.transaction() as transaction:
            record_fault(
                transaction,
                subject=delivery.subject,
                message_id=f"{delivery.subject}-{delivery.sequence}",
                received=delivery.data,
                reason=reason,
            )
        self._hints.announcements.give()


async def _record(transaction: Transaction, message: Incoming) -> bool:
    """Record a message; False: it was known."""
    match message:
        case DataNotification():
            return await record_notification(transaction, message)
        case RerunRequest():
            *_, new = await submit_rerun(transaction, message)
            return new
        case TaskRequest():
            return await submit_task(transaction, message)
