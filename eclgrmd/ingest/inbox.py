"""Messages of `data.bandx`: notifications and tasks become rows, then they are acknowledged."""

from collections.abc import Callable

import structlog

from eclgrmd.bus import Delivery
from eclgrmd.errors import PermanentError, TransientError
from eclgrmd.model.messages import DataNotification, Incoming, RerunRequest, read_incoming
from eclgrmd.store.database import Database
from eclgrmd.store.faults import record_fault
from eclgrmd.store.hints import Hints
from eclgrmd.store.notifications import record_notification
from eclgrmd.store.reruns import submit_rerun
from eclgrmd.store.tasks import submit_task

__all__ = ["Inbox"]

_FULL_DELAY_S = 5.0

_MOST_DELIVERIES = 5


class Inbox:
    """Handles one message at a time."""

    def __init__(self, database: Database, hints: Hints, *, full: Callable[[], bool]) -> None:
        self._database = database
        self._hints = hints
        self._full = full
        self._log = structlog.get_logger("ingest")

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
        self._log.info(
            "message received" if new else "message was known",
            kind="data" if isinstance(message, DataNotification) else "task",
            message_id=message.id,
        )

    async def _recorded(self, message: Incoming) -> bool:
        if not isinstance(message, DataNotification) and self._full():
            raise TransientError("too many tasks are open", delay_s=_FULL_DELAY_S)
        async with self._database.transaction() as transaction:
            if isinstance(message, DataNotification):
                new = await record_notification(transaction, message)
            elif isinstance(message, RerunRequest):
                *_, new = await submit_rerun(transaction, message)
            else:
                new = await submit_task(transaction, message)
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
