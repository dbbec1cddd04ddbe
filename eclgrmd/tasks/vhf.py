"""Follows bursts that still go on: what came is analysed, and the answer recorded."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from zlib import crc32

import structlog

from eclgrmd.compute import WorkerDiedError, Workers
from eclgrmd.config import VhfSettings
from eclgrmd.errors import PermanentError, TransientError
from eclgrmd.model.vhf import VhfAnswer, VhfRequest
from eclgrmd.store.database import Database
from eclgrmd.store.hints import Hints
from eclgrmd.store.vhf import DueBurst, due_bursts, record_update, skip_packets
from eclgrmd.store.vhf_inbox import packet_bodies

from .jobs import follow_burst, rehearse_vhf

__all__ = ["VhfRunner"]

_LIMIT_S = 60.0
_MOST = 200
_TRIES = 3
_QUICK_S = 2.0


class VhfRunner:
    """Runs until it is told to stop.

    A burst always goes to the same worker process, which keeps its state; a process that does not
    know it (it was started anew, or another daemon was ahead) gets all packets from the store.
    What comes while a burst is being analysed is taken together afterwards. Two daemons may
    analyse the same: the version of the last update decides whose answer counts.
    """

    def __init__(
        self,
        database: Database,
        workers: Sequence[Workers],
        hints: Hints,
        *,
        settings: VhfSettings,
        poll_s: float,
    ) -> None:
        self._database = database
        self._workers = workers
        self._hints = hints
        self._settings = settings
        self._poll_s = poll_s
        self._in_hand: set[str] = set()
        self._failures: dict[str, int] = {}
        self._log = structlog.get_logger("vhf")

    async def run(self, stop: asyncio.Event) -> None:
        """Analyse bursts with news; after the stop, finish those in hand."""
        async with asyncio.TaskGroup() as group:
            starting = [
                group.create_task(self._start(each), name=f"start follower {number}")
                for number, each in enumerate(self._workers)
            ]
            while not stop.is_set():
                seen = self._hints.packets.count
                for due in await self._due():
                    self._in_hand.add(due.burst_id)
                    group.create_task(self._follow(due, stop), name=f"follow {due.burst_id}")
                await self._hints.packets.wait(seen, self._poll_s)
            for each in starting:
                each.cancel()

    async def _start(self, workers: Workers) -> None:
        """Start a process and let it rehearse; packets that come meanwhile wait."""
        await workers.start()
        try:
            await workers.call(rehearse_vhf)
        except Exception as error:  # noqa: BLE001 - the first burst may do better
            self._log.warning("rehearsal failed", reason=f"{type(error).__name__}: {error}")

    async def _due(self) -> list[DueBurst]:
        try:
            async with self._database.transaction() as transaction:
                found = await due_bursts(transaction, _MOST)
        except TransientError as error:
            self._log.warning("looking for packets waits", reason=str(error))
            return []
        return [due for due in found if due.burst_id not in self._in_hand]

    async def _follow(self, due: DueBurst, stop: asyncio.Event) -> None:
        structlog.contextvars.bind_contextvars(burst_id=due.burst_id)
        began = time.monotonic()
        try:
            await self._analyse(due)
            self._failures.pop(due.burst_id, None)
        except (PermanentError, WorkerDiedError) as error:
            await self._give_up(due, str(error))
        except TransientError as error:
            self._log.warning("following waits", reason=str(error))
            await asyncio.sleep(error.delay_s)
        except Exception as error:  # noqa: BLE001 - whatever was raised ends this attempt only
            self._log.exception("following failed unexpectedly")
            await self._give_up(due, f"unexpected {type(error).__name__}: {error}")
        finally:
            await _rest(time.monotonic() - began, stop)
            self._in_hand.discard(due.burst_id)
            self._hints.packets.give()

    async def _analyse(self, due: DueBurst) -> None:
        answer, last = await self._asked(due, due.analysed_packet)
        if not answer.known:
            answer, last = await self._asked(due, 0)
        async with self._database.transaction() as transaction:
            await record_update(transaction, due, answer.update, last)
        self._hints.give_result(transaction.promised)
        self._hints.vhf_products.give()

    async def _asked(self, due: DueBurst, after: int) -> tuple[VhfAnswer, int]:
        async with self._database.transaction() as transaction:
            packets = await packet_bodies(transaction, due.burst_id, after)
        request = VhfRequest(
            burst_id=due.burst_id,
            after=after,
            packets=tuple(packets),
            t0_met_s=due.t0_met_s,
            final=due.final,
            calibration_dir=self._settings.calibration_dir,
        )
        workers = self._workers[crc32(due.burst_id.encode()) % len(self._workers)]
        answer = await workers.call(follow_burst, request, timeout_s=_LIMIT_S)
        return answer, packets[-1][0] if packets else after

    async def _give_up(self, due: DueBurst, reason: str) -> None:
        """Try again a few times, then leave out what cannot be analysed."""
        failures = self._failures[due.burst_id] = self._failures.get(due.burst_id, 0) + 1
        self._log.error("following failed", reason=reason, failures=failures)
        if failures < _TRIES:
            return
        del self._failures[due.burst_id]
        try:
            async with self._database.transaction() as transaction:
                await skip_packets(transaction, due)
        except TransientError as error:
            self._log.warning("giving up waits", reason=str(error))


async def _rest(worked_s: float, stop: asyncio.Event) -> None:
    """Leave the worker to other bursts for as long as one took that was slow, until the stop."""
    if worked_s <= _QUICK_S:
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(min(worked_s, _LIMIT_S)):
            await stop.wait()
