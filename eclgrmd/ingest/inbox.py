"""Intake of `data.bandx` messages: stores notifications and tasks, then acknowledges them."""

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

from .acknowledger import Acknowledger

__all__ = ["Inbox"]

_FULL_DELAY_S = 5.0
"""Time before a task message is delivered again while too many tasks are open."""


class Inbox:
    """Stores a batch of messages in one transaction, or one by one if that fails.

    Parameters
    ----------
    database
        Where messages are stored.
    hints
        Wakes the stages that handle them.
    full
        Returns whether so many tasks are open that no more are accepted.
    """

    def __init__(self, database: Database, hints: Hints, *, full: Callable[[], bool]) -> None:
        self._database = database
        self._hints = hints
        self._full = full
        self._acknowledger = Acknowledger(database, hints)
        self._log = structlog.get_logger("ingest")

    async def handle_all(self, deliveries: Sequence[Delivery]) -> None:
        """Store messages, then acknowledge them."""
        if len(deliveries) > 1 and await self._stored_together(deliveries):
            for delivery in deliveries:
                await delivery.ack()
        else:
            for delivery in deliveries:
                await self._acknowledger.settle(delivery, self._store(delivery))

    async def _stored_together(self, deliveries: Sequence[Delivery]) -> bool:
        """Store messages in one transaction; return False if that failed and none was stored."""
        try:
            messages = [read_incoming(delivery.data) for delivery in deliveries]
            only_data = all(isinstance(message, DataNotification) for message in messages)
            if self._full() and not only_data:
                return False
            async with self._database.transaction() as transaction:
                news = [await _record(transaction, message) for message in messages]
        except Exception:
            # At least one message is to blame. Stored alone, each gets its own outcome.
            return False
        self._hints.give_arrival()
        for message, new in zip(messages, news, strict=True):
            self._log_received(message, new=new)
        return True

    async def _store(self, delivery: Delivery) -> None:
        message = read_incoming(delivery.data)
        self._log_received(message, new=await self._recorded(message))

    def _log_received(self, message: Incoming, *, new: bool) -> None:
        self._log.info(
            "message received" if new else "duplicate message ignored",
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
    """Store a message; return False if it was stored before."""
    match message:
        case DataNotification():
            return await record_notification(transaction, message)
        case RerunRequest():
            *_, new = await submit_rerun(transaction, message)
            return new
        case TaskRequest():
            return await submit_task(transaction, message)
