"""Messages of the alert network: notices and packets become rows, then they are acknowledged."""

import hashlib
from typing import NamedTuple

import structlog

from eclgrmd.bus import Delivery
from eclgrmd.compute import WorkerDiedError, WorkerMemoryError, Workers, WorkerTimeoutError
from eclgrmd.errors import InputError, TransientError
from eclgrmd.model.packet_binary import read_packet
from eclgrmd.store.database import Database
from eclgrmd.store.faults import record_fault
from eclgrmd.store.hints import Hints
from eclgrmd.store.vhf_inbox import record_notice, record_packet

from .jobs import read_alert

__all__ = ["AlertInbox", "Taken"]

_MOST_BYTES = 500_000
_READING_LIMIT_S = 10.0
_MOST_DELIVERIES = 5


class Taken(NamedTuple):
    """What a message was."""

    kind: str
    """notice or packet."""
    burst_id: str
    new: bool
    """False: it was known."""


class AlertInbox:
    """Takes notices (XML) and packets (JSON or binary) in, whoever brings them."""

    def __init__(
        self, database: Database, readers: Workers, hints: Hints, *, silence_s: float
    ) -> None:
        self._database = database
        self._readers = readers
        self._hints = hints
        self._silence_s = silence_s
        self._log = structlog.get_logger("ingest")

    async def take(self, payload: bytes) -> Taken:
        """Store what a message says.

        Raises
        ------
        InputError
            When it is neither a notice nor a packet, or damaged.
        TransientError
            When it cannot be kept now.
        """
        if len(payload) > _MOST_BYTES:
            raise InputError(f"alert: {len(payload)} bytes, at most {_MOST_BYTES} are taken")
        notice = payload.lstrip()[:1] == b"<"
        taken = await (self._take_notice(payload) if notice else self._take_packet(payload))
        self._hints.packets.give()
        self._hints.announcements.give()
        level = self._log.info if notice else self._log.debug
        level(f"{taken.kind} received", burst_id=taken.burst_id, new=taken.new)
        return taken

    async def handle(self, delivery: Delivery) -> None:
        """Store what a message says, then acknowledge it; a bad one is recorded and answered."""
        try:
            try:
                await self.take(delivery.data)
            except InputError as error:
                await self._answer_fault(delivery, str(error))
        except TransientError as error:
            self._log.warning("alert put back", reason=str(error), subject=delivery.subject)
            await delivery.nak(delay_s=error.delay_s)
        except Exception:
            # A fault of our own: a message must not come again and again for ever.
            self._log.exception("alert not handled", subject=delivery.subject)
            if delivery.delivered < _MOST_DELIVERIES:
                await delivery.nak(delay_s=float(delivery.delivered))
            else:
                await delivery.term()
        else:
            await delivery.ack()

    async def _take_packet(self, payload: bytes) -> Taken:
        packet = read_packet(payload)
        async with self._database.transaction() as transaction:
            new = await record_packet(transaction, packet, self._silence_s)
        return Taken("packet", packet.burst_id, new)

    async def _take_notice(self, payload: bytes) -> Taken:
        try:
            notice = await self._readers.call(
                read_alert, payload, timeout_s=_READING_LIMIT_S, priority=-1
            )
        except (WorkerDiedError, WorkerTimeoutError, WorkerMemoryError) as error:
            raise InputError(f"notice: cannot be read safely: {error}") from error
        async with self._database.transaction() as transaction:
            new = await record_notice(transaction, notice, payload, self._silence_s)
        return Taken("notice", notice.burst_id, new)

    async def _answer_fault(self, delivery: Delivery, reason: str) -> None:
        self._log.warning("alert refused", reason=reason, subject=delivery.subject)
        digest = hashlib.sha256(delivery.data).hexdigest()[:16]
        async with self._database.transaction() as transaction:
            record_fault(
                transaction,
                subject=delivery.subject,
                message_id=f"{delivery.subject}-{delivery.sequence}-{digest}",
                received=delivery.data,
                reason=reason,
            )
        self._hints.announcements.give()
