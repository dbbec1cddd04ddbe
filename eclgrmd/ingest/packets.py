"""Intake of messages of the alert network: stores notices and packets, then acknowledges them."""

from typing import NamedTuple

import structlog

from eclgrmd.bus import Delivery
from eclgrmd.compute import WorkerDiedError, WorkerMemoryError, Workers, WorkerTimeoutError
from eclgrmd.errors import InputError
from eclgrmd.hints import Hints
from eclgrmd.model.quicklook.binary import read_packet
from eclgrmd.model.quicklook.notice import is_notice
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.quicklook.inbox import record_notice, record_packet
from eclgrmd.store.sql.database import Database

from .acknowledger import Acknowledger
from .worker_functions import read_notice

__all__ = ["Taken", "VhfInbox"]

_MOST_BYTES = 500_000
"""Longest message that is read."""
_READING_LIMIT_S = 10.0
"""Longest time to read a notice in a worker."""
_ALERT_NETWORK = "NATS"
"""The sender of all messages of the alert network: NATS does not name senders."""


class Taken(NamedTuple):
    """The outcome of storing a message."""

    kind: str
    """Kind of the message: notice or packet."""
    burst_id: str
    """The burst."""
    new: bool
    """False: it was stored before."""
    flags: tuple[str, ...] = ()
    """What is doubtful in it."""


class VhfInbox:
    """Stores notices (XML) and packets (JSON or binary) from NATS and REST."""

    def __init__(
        self, database: Database, readers: Workers, hints: Hints, settings: LiveSettings
    ) -> None:
        self._database = database
        self._readers = readers
        self._hints = hints
        self._settings = settings
        self._acknowledger = Acknowledger(database, hints)
        self._log = structlog.get_logger("ingest")

    async def take(self, payload: bytes, sender: str) -> Taken:
        """Store a message; readers are shared fairly among senders.

        Raises
        ------
        InputError
            If it is neither a notice nor a packet, or is damaged.
        TransientError
            If it cannot be stored now.
        """
        if len(payload) > _MOST_BYTES:
            raise InputError(f"alert: {len(payload)} bytes, at most {_MOST_BYTES} are taken")
        notice = is_notice(payload)
        taken = await (self._take_notice(payload, sender) if notice else self._take_packet(payload))
        self._hints.packets.give()
        self._hints.announcements.give()
        level = self._log.info if notice else self._log.debug
        level(f"{taken.kind} received", burst_id=taken.burst_id, new=taken.new, flags=taken.flags)
        return taken

    async def handle(self, delivery: Delivery) -> None:
        """Store a message, then acknowledge it; record and announce a bad one."""
        await self._acknowledger.settle(delivery, self.take(delivery.data, _ALERT_NETWORK))

    @property
    def _silence_s(self) -> float:
        return self._settings.now.vhf.silence_s

    async def _take_packet(self, payload: bytes) -> Taken:
        packet = read_packet(payload)
        async with self._database.transaction() as transaction:
            new = await record_packet(transaction, packet, self._silence_s)
        return Taken("packet", packet.burst_id, new)

    async def _take_notice(self, payload: bytes, sender: str) -> Taken:
        try:
            notice = await self._readers.call(
                read_notice, payload, timeout_s=_READING_LIMIT_S, shares=(f"sender {sender}",)
            )
        except (WorkerDiedError, WorkerTimeoutError, WorkerMemoryError) as error:
            raise InputError(f"notice: cannot be read safely: {error}") from error
        async with self._database.transaction() as transaction:
            new = await record_notice(transaction, notice, payload, self._silence_s)
        return Taken("notice", notice.burst_id, new, notice.flags)
