"""The stage that analyses new packets of bursts in progress and records the updates."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import structlog

from eclgrmd.aio.polling import pause, poll
from eclgrmd.compute import WorkerDiedError, WorkerMemoryError, Workers, WorkerTimeoutError
from eclgrmd.errors import FatalError, TransientError
from eclgrmd.hints import Hints
from eclgrmd.model.flags import texts
from eclgrmd.model.quicklook.aside import SetAsideCause
from eclgrmd.model.quicklook.isolation import Doubt
from eclgrmd.model.quicklook.updates import QuickLookAnswer, QuickLookRequest, QuickLookUpdate
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.quicklook.bursts import DueBurst, conclude_without, due_bursts, record_update
from eclgrmd.store.quicklook.inbox import packet_bodies
from eclgrmd.store.quicklook.isolation import (
    ask_aside,
    clear_doubt,
    count_aside,
    doubts,
    keep_doubt,
    packet_ids,
    read_aside,
    set_aside,
)
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.transaction import Transaction

from .worker_functions import analyse_packets, rehearse

__all__ = ["QuickLookRunner"]

_LIMIT_S = 60.0
"""Longest analysis; an update takes some 20 ms, a burst from all its packets a few seconds."""
_MOST = 200
"""Bursts that are read from the table at once."""
_TRIES = 3
"""Tries of an analysis that fails for another reason than its packets."""
_MOST_SEARCHED = 5
"""Bad packets of a burst that are isolated; of later ones all suspects are set aside at once."""
_QUICK_S = 2.0
"""An analysis that took longer is slow: afterwards its worker is left to other bursts."""
_MOST_COUNTED = 1000
"""Bursts whose counts of left-out packets are remembered, so that each packet counts once."""
_BEHIND = 1
"""Priority of a trial: the analyses of all other bursts go first."""
_AHEAD = 3
"""Bursts that a worker has at a time: it computes one while the packets of the next ones are read.
All others wait in the table, so that their next analysis includes what arrives meanwhile."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """The packets of a burst that one analysis uses."""

    due: DueBurst
    """The burst."""
    until: int
    """Its last packet."""
    doubt: Doubt | None
    """State of the search for a bad packet; None: an ordinary analysis."""


class _TrialFailedError(Exception):
    """A trial failed, perhaps because of one of its packets."""

    def __init__(self, cause: SetAsideCause, reason: str) -> None:
        super().__init__(reason)
        self.cause = cause
        self.reason = reason


class QuickLookRunner:
    """Analyses the packets of bursts in progress, in worker processes of its own.

    A burst always goes to the same worker, which keeps its state. A worker that does not know the
    burst (it was restarted, or another daemon was faster) gets all packets from the store.
    Packets that arrive while a burst waits for its worker are analysed together: a worker that is
    late does fewer updates, and its delay does not grow. If two daemons analyse the same burst, the
    version of the last update decides whose answer counts.

    A packet that ends its worker, or takes too long, is found by bisection and set aside. The
    state of the bisection is recorded after each trial. Trials wait behind all other bursts.
    """

    def __init__(
        self,
        database: Database,
        workers: Sequence[Workers],
        hints: Hints,
        *,
        settings: LiveSettings,
        set_aside: Counter[str],
    ) -> None:
        self._database = database
        self._workers = workers
        self._hints = hints
        self._settings = settings
        self._set_aside = set_aside
        """Number of packets left out since the start, by cause, for health and metrics."""
        self._counted: dict[str, Mapping[str, int]] = {}
        self._in_hand: set[str] = set()
        """Bursts that are analysed or recorded, or rest after a slow analysis."""
        self._placed: set[str] = set()
        """Those of them that still need their worker."""
        self._failures: dict[str, int] = {}
        self._doubts: dict[str, Doubt] | None = None
        """Searches in progress as in the store, which is read once; None: not read yet."""
        self._log = structlog.get_logger("quicklook")

    async def run(self, stop: asyncio.Event) -> None:
        """Analyse bursts with news until the stop; then finish the analyses in progress."""
        async with asyncio.TaskGroup() as group:
            starting = [
                group.create_task(self._start(each), name=f"start quick look worker {number}")
                for number, each in enumerate(self._workers)
            ]

            async def analyse_due() -> float:
                if not any(map(self._has_place, range(len(self._workers)))):
                    return self._settings.now.tasks.poll_s  # a place that is left gives a hint
                for due in await self._due():
                    if self._has_place(self._worker_of(due.burst_id)):
                        self._placed.add(due.burst_id)
                        self._in_hand.add(due.burst_id)
                        group.create_task(
                            self._attempt(due, stop), name=f"quick look at {due.burst_id}"
                        )
                return self._settings.now.tasks.poll_s

            await poll(analyse_due, stage="quick look", stop=stop, hint=self._hints.packets)
            for each in starting:
                each.cancel()

    async def _start(self, workers: Workers) -> None:
        """Start a worker process and rehearse in it; packets that arrive meanwhile wait."""
        await workers.start()
        try:
            await workers.call(rehearse)
        except FatalError:
            raise
        except Exception as error:  # noqa: BLE001 - the first burst may do better
            self._log.warning("rehearsal failed", reason=f"{type(error).__name__}: {error}")

    async def _due(self) -> list[DueBurst]:
        before = frozenset(self._in_hand)  # what was read of these may be out of date
        async with self._database.reading() as transaction:
            if self._doubts is None:
                self._doubts = await doubts(transaction)
            found = await due_bursts(transaction, _MOST)
            trials = self._doubts
        in_hand = before | self._in_hand
        waiting = [due for due in found if due.burst_id not in in_hand]
        return sorted(waiting, key=lambda due: due.burst_id in trials)  # trials last

    def _worker_of(self, burst_id: str) -> int:
        return crc32(burst_id.encode()) % len(self._workers)

    def _has_place(self, worker: int) -> bool:
        return sum(self._worker_of(burst_id) == worker for burst_id in self._placed) < _AHEAD

    def _leave_place(self, burst_id: str) -> None:
        """Let another burst have the worker, unless that was done before."""
        if burst_id in self._placed:
            self._placed.remove(burst_id)
            self._hints.packets.give()

    async def _attempt(self, due: DueBurst, stop: asyncio.Event) -> None:
        """Analyse a burst once, free its worker for others, then let the burst itself rest."""
        structlog.contextvars.bind_contextvars(burst_id=due.burst_id)
        rest_s = 0.0
        try:
            rest_s = await self._rest_after(due)
        finally:
            self._leave_place(due.burst_id)
            if rest_s:
                await pause(stop, rest_s)
            self._in_hand.discard(due.burst_id)
            self._hints.packets.give()

    async def _rest_after(self, due: DueBurst) -> float:
        """Analyse a burst once; return for how long it then leaves the worker to others, s."""
        began = time.monotonic()
        try:
            trial = await self._next_trial(due)
            try:
                await self._analyse(trial)
            except _TrialFailedError as failure:
                await self._search(trial, failure)
            else:
                self._failures.pop(due.burst_id, None)
        except TransientError as error:
            self._log.warning("quick look waits", reason=str(error))
            return error.delay_s
        except FatalError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever was raised ends this attempt only
            self._log.exception("quick look failed unexpectedly")
            await self._count_failure(due, f"unexpected {type(error).__name__}: {error}")
        worked_s = time.monotonic() - began
        return min(worked_s, _LIMIT_S) if worked_s > _QUICK_S else 0.0

    async def _next_trial(self, due: DueBurst) -> _Trial:
        doubt = (self._doubts or {}).get(due.burst_id)
        if doubt is None:
            return _Trial(due, due.last_packet, None)
        async with self._database.reading() as transaction:
            packets = await packet_ids(transaction, due.burst_id)
        until = doubt.next_trial(packets, due.analysed_packet)
        return _Trial(due._replace(last_packet=until, final=False), until, doubt)

    async def _analyse(self, trial: _Trial) -> None:
        due = trial.due
        after = min(due.analysed_packet, trial.until)
        answer, last = await self._asked(trial, after)
        if not answer.known:
            answer, last = await self._asked(trial, 0)
        self._leave_place(due.burst_id)
        doubt = None if trial.doubt is None else trial.doubt.succeeded(trial.until)
        async with self._database.transaction() as transaction:
            if trial.doubt is not None:
                _note(transaction, due.burst_id, doubt)
            if trial.doubt is None or trial.until > due.analysed_packet:
                await record_update(transaction, due, answer.update, last)
        self._remember(due.burst_id, doubt)
        if answer.update is not None:
            self._count_aside(answer.update)
        if transaction.announcements:  # most updates are not announced
            self._hints.give_result(transaction.announcements)
            self._hints.quick_look_products.give()

    def _count_aside(self, update: QuickLookUpdate) -> None:
        """Count newly left-out packets, and log them."""
        burst_id, causes = update.burst_id, update.set_aside
        known = self._counted.get(burst_id, {})
        if causes == known:
            return
        self._log.warning("packets left out", causes=causes, flags=texts(update.flags))
        self._set_aside.update(
            {cause: max(number - known.get(cause, 0), 0) for cause, number in causes.items()}
        )
        self._counted[burst_id] = causes
        while len(self._counted) > _MOST_COUNTED:
            del self._counted[next(iter(self._counted))]

    async def _asked(self, trial: _Trial, after: int) -> tuple[QuickLookAnswer, int]:
        due = trial.due
        async with self._database.reading() as transaction:
            aside = ask_aside(transaction, due.burst_id)
            packets = await packet_bodies(transaction, due.burst_id, after, trial.until)
            request = QuickLookRequest(
                burst_id=due.burst_id,
                after=after,
                packets=tuple(packets),
                t0_met_s=due.t0_met_s,
                final=due.final,
                calibration_dir=self._settings.now.vhf.calibration_dir,
                set_aside=await read_aside(aside),
            )
        answer = await self._call(request, 0 if trial.doubt is None else _BEHIND)
        return answer, packets[-1][0] if packets else after

    async def _call(self, request: QuickLookRequest, priority: int) -> QuickLookAnswer:
        """Return the answer of the burst's worker.

        Raises
        ------
        _TrialFailedError
            If that ended the worker, took too long or failed.
        """
        workers = self._workers[self._worker_of(request.burst_id)]
        try:
            return await workers.call(
                analyse_packets, request, timeout_s=_LIMIT_S, priority=priority
            )
        except WorkerDiedError as error:
            how = str(error).partition(": ")[2]
            raise _TrialFailedError(SetAsideCause.WORKER_ENDED, how) from error
        except WorkerTimeoutError as error:
            reason = f"its analysis takes longer than {_LIMIT_S:g} s"
            raise _TrialFailedError(SetAsideCause.TIME_LIMIT, reason) from error
        except WorkerMemoryError as error:
            reason = "its analysis needs more memory than a worker may have"
            raise _TrialFailedError(SetAsideCause.MEMORY_LIMIT, reason) from error
        except (FatalError, TransientError, OSError):
            raise  # the machine's fault, not the packets'
        except Exception as error:
            reason = f"its analysis failed: {error}"
            raise _TrialFailedError(SetAsideCause.FAILED, reason) from error

    async def _search(self, trial: _Trial, failure: _TrialFailedError) -> None:
        """Continue the search after a failed trial; set packets aside once they are found."""
        due, reason = trial.due, failure.reason
        self._log.error("quick look failed", reason=reason, until=trial.until)
        if trial.doubt is None and due.analysed_packet >= due.last_packet:
            # No packet is new: the new reference time or the final measurement is the reason.
            await self._count_failure(due, reason)
            return
        doubt = Doubt(bad=trial.until) if trial.doubt is None else trial.doubt.failed(trial.until)
        async with self._database.transaction() as transaction:
            packets = await packet_ids(transaction, due.burst_id)
            found = doubt.suspects(packets)
            if await count_aside(transaction, due.burst_id) >= _MOST_SEARCHED:
                found = [each for each in found if each > due.analysed_packet] or found
            elif not doubt.convicted(packets):
                found = []
            if found:
                set_aside(transaction, due.burst_id, found, failure.cause, reason)
            known = None if found or not doubt.suspects(packets) else doubt
            _note(transaction, due.burst_id, known)
        self._remember(due.burst_id, known)
        if found:
            self._log.error("packets set aside", packets=len(found), reason=reason)
        elif known is None:
            await self._count_failure(due, reason)

    def _remember(self, burst_id: str, doubt: Doubt | None) -> None:
        if self._doubts is None:
            return
        if doubt is None:
            self._doubts.pop(burst_id, None)
        else:
            self._doubts[burst_id] = doubt

    async def _count_failure(self, due: DueBurst, reason: str) -> None:
        """Count a failure; after a few, conclude with the last good update and a flag."""
        failures = self._failures[due.burst_id] = self._failures.get(due.burst_id, 0) + 1
        if failures < _TRIES:
            return
        del self._failures[due.burst_id]
        self._log.error("update given up", reason=reason, failures=failures)
        try:
            async with self._database.transaction() as transaction:
                await conclude_without(transaction, due, reason)
            self._hints.give_result(transaction.announcements)
        except TransientError as error:
            self._log.warning("giving up waits", reason=str(error))


def _note(transaction: Transaction, burst_id: str, doubt: Doubt | None) -> None:
    if doubt is None:
        clear_doubt(transaction, burst_id)
    else:
        keep_doubt(transaction, burst_id, doubt)
