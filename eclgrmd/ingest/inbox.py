"""Messages of `data.bandx`: notifications and tasks become rows, then they are acknowledged."""

from collections.abc import Callable, Sequence

import structlog

from eclgrmd.bus import Delivery
from eclgrmd.errors import TransientError
from eclgrmd.hints import Hints
from eclgrmd.model.messages.incoming import (
    DataNotification,
    Incoming,
    RerunRequest,
    TaskRequest,
    read_incoming,
)
from eclgrmd.store.intake.notifications import record_notification
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.transaction import Transaction
from eclgrmd.store.tasks.reruns import submit_rerun
from eclgrmd.store.tasks.tasks import submit_task

from .verdict import Verdict

__all__ = ["Inbox"]

_FULL_DELAY_S = 5.0


class Inbox:
    """Handles the messages that have come in one transaction, or one by one if that fails."""

    def __init__(self, database: Database, hints: Hints, *, full: Callable[[], bool]) -> None:
        self._database = database
        self._hints = hints
        self._full = full
        self._verdict = Verdict(database, hints)
        self._log = structlog.get_logger("ingest")

    async def handle_all(self, deliveries: Sequence[Delivery]) -> None:
        """Store what messages say, then acknowledge them."""
        if len(deliveries) > 1 and await self._stored_together(deliveries):
            for delivery in deliveries:
                await delivery.ack()
        else:
            for delivery in deliveries:
                await self._verdict.settle(delivery, self._store(delivery))

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

    async def _store(self, delivery: Delivery) -> None:
        message = read_incoming(delivery.data)
        self._tell(message, new=await self._recorded(message))

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
