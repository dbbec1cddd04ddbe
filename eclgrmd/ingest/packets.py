"""Intake of the VHF stream: notices and packets are stored, then acknowledged."""

from collections.abc import Callable
from typing import NamedTuple

import structlog

from eclgrmd.bus import Delivery
from eclgrmd.compute import WorkerDiedError, WorkerMemoryError, Workers, WorkerTimeoutError
from eclgrmd.errors import InputError
from eclgrmd.hints import Hints
from eclgrmd.model.flags import FlagText, texts
from eclgrmd.model.quicklook.binary import read_packet
from eclgrmd.model.quicklook.notice import Notice, is_notice
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.quicklook.inbox import record_notice, record_packet
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.transaction import Transaction

from .acknowledger import Acknowledger
from .worker_functions import read_notice

__all__ = ["Received", "VhfInbox"]

NoticeNote = Callable[[Transaction, Notice], None]
"""Records in the transaction that stores a notice who brought it."""
_MOST_BYTES = 500_000
"""Largest message; the largest packet, 1,024 bins of three detectors in four bands, is smaller."""
_READING_LIMIT_S = 10.0
"""Longest time to read a notice, which takes milliseconds."""
_SENDER = "NATS"
"""NATS does not name senders: all of them count as one."""


class Received(NamedTuple):
    """The outcome of storing a message."""

    kind: str
    """Kind of the message: notice or packet."""
    burst_id: str
    """The burst."""
    new: bool
    """Whether it was not stored before."""
    flags: tuple[FlagText, ...] = ()
    """Doubts about a notice."""


def _nothing_noted(_transaction: Transaction, _notice: Notice) -> None:
    """Record nothing: the notice came by NATS."""


class VhfInbox:
    """Stores notices (XML) and packets (JSON or binary) that arrive by NATS or REST."""

    def __init__(
        self, database: Database, readers: Workers, hints: Hints, settings: LiveSettings
    ) -> None:
        self._database = database
        self._readers = readers
        self._hints = hints
        self._settings = settings
        self._acknowledger = Acknowledger(database, hints)
        self._log = structlog.get_logger("ingest")

    async def store(
        self, payload: bytes, sender: str, note: NoticeNote = _nothing_noted
    ) -> Received:
        """Store a message; `note` records a notice. No sender ever occupies all readers.

        Raises
        ------
        InputError
            If it is neither a notice nor a packet, or is damaged.
        TransientError
            If it cannot be stored now.
        """
        if len(payload) > _MOST_BYTES:
            raise InputError(f"message: {len(payload)} bytes, must be at most {_MOST_BYTES}")
        notice = is_notice(payload)
        received = await (
            self._store_notice(payload, sender, note) if notice else self._store_packet(payload)
        )
        self._hints.packets.give()
        if notice:
            self._hints.announcements.give()
        level = self._log.info if notice else self._log.debug
        level(
            f"{received.kind} received",
            burst_id=received.burst_id,
            new=received.new,
            flags=texts(received.flags),
        )
        return received

    async def handle(self, delivery: Delivery) -> None:
        """Store and acknowledge a message; a bad one is recorded and answered."""
        await self._acknowledger.settle(delivery, self.store(delivery.data, _SENDER))

    @property
    def _silence_s(self) -> float:
        return self._settings.now.vhf.silence_s

    async def _store_packet(self, payload: bytes) -> Received:
        packet = read_packet(payload)
        async with self._database.transaction() as transaction:
            new = await record_packet(transaction, packet, self._silence_s)
        return Received("packet", packet.burst_id, new)

    async def _store_notice(self, payload: bytes, sender: str, note: NoticeNote) -> Received:
        try:
            notice = await self._readers.call(
                read_notice, payload, timeout_s=_READING_LIMIT_S, shares=(f"sender {sender}",)
            )
        except (WorkerDiedError, WorkerTimeoutError, WorkerMemoryError) as error:
            raise InputError(f"notice: cannot be read safely: {error}") from error
        async with self._database.transaction() as transaction:
            new = await record_notice(transaction, notice, payload, self._silence_s)
            note(transaction, notice)
        return Received("notice", notice.burst_id, new, notice.flags)
