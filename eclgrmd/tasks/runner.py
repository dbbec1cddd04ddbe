"""The stage that runs tasks and draws their figures: claim, compute in a worker, record."""

import asyncio
import time

import structlog

from eclgrmd.aio.polling import FailurePolicy, poll
from eclgrmd.compute import (
    WorkerDiedError,
    WorkerMemoryError,
    Workers,
    WorkerTimeoutError,
)
from eclgrmd.errors import FatalError, PermanentError, TransientError, brief
from eclgrmd.files import FileStore
from eclgrmd.hints import Hints
from eclgrmd.metrics import Metrics
from eclgrmd.model.task import TaskState
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.task_logs import record_log

from .leases import Leases
from .work import Ending, Resolver, Resources, Work, claim_work

__all__ = ["TaskRunner"]

_FAULT_DELAY_S = 2.0
"""Pause after a fault of a worker or of our own, so that a persistent fault makes no busy loop."""
_RECORD_LIMIT_S = 5.0
"""Time to record the last results after the time limit of a stop, seconds."""
_LONGEST_RECORD_PAUSE_S = 2.0
"""Longest pause between attempts to record a result, for which clients wait."""


class TaskRunner:
    """Claims queued tasks, has them analysed by the workers, and records how each one ended.

    The figures of a task are drawn in the same way, after its result was recorded, and only while
    no task is queued.

    Parameters
    ----------
    database, files, workers, hints, settings, metrics
        The resources of the daemon.
    owner
        Node id under which this daemon claims tasks.
    slots
        Number of tasks that run at a time.
    """

    def __init__(
        self,
        database: Database,
        files: FileStore,
        workers: Workers,
        hints: Hints,
        *,
        owner: str,
        slots: int,
        settings: LiveSettings,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._files = files
        self._resources = Resources(files, workers, settings, metrics, Resolver(settings))
        self._hints = hints
        self._owner = owner
        self._slots = slots
        self._settings = settings
        self._metrics = metrics
        self._leases = Leases(database, hints, settings)
        self._deadline_s: float | None = None
        """When running tasks are queued again, seconds of the loop's clock; None: no stop yet."""
        self._log = structlog.get_logger("tasks")

    async def run(self, stop: asyncio.Event) -> None:
        """Run tasks; after the stop, finish the running ones or queue them again."""
        idle = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._leases.keep(idle), name="task leases")
            group.create_task(self._limit_stop(stop), name="task stop limit")
            async with asyncio.TaskGroup() as slots:
                for number in range(self._slots):
                    slots.create_task(self._slot(stop), name=f"task slot {number}")
            idle.set()
            self._hints.leases.give()

    async def _slot(self, stop: asyncio.Event) -> None:
        """Run one task after the other."""
        await poll(self._run_next, stage="tasks", stop=stop, hint=self._hints.tasks)

    async def _run_next(self) -> float:
        """Run the next task, if there is one; return the pause before the next look."""
        since_s = asyncio.get_running_loop().time()
        async with self._database.transaction() as transaction:
            work = await claim_work(transaction, self._owner, self._resources)
        if work is None:
            return self._settings.now.tasks.poll_s
        with structlog.contextvars.bound_contextvars(
            burst_id=work.claim.burst_id, task_id=work.claim.task_id
        ):
            await self._record(work, await self._measured(work, since_s))
        return 0.0

    async def _measured(self, work: Work, since_s: float) -> Ending:
        """Do the work and record its time in the metrics."""
        began = time.monotonic()
        ending = await self._attempt(work, since_s)
        work.observe(ending.state, time.monotonic() - began)
        self._metrics.faults.labels(work.claim.held.analysis).inc(ending.fault)
        return ending

    async def _attempt(self, work: Work, since_s: float) -> Ending:
        """Do the work and return how it ended; only a fatal error is raised."""
        # Start the worker first: the announcement of the start is less urgent.
        claim = work.claim
        asyncio.get_running_loop().call_soon(self._report_start, work)
        try:
            with self._leases.renewed(claim):
                async with self._leases.while_valid(claim, since_s) as deadline:
                    outcome = await work.compute(deadline)
        except TimeoutError:
            why = "its claim ran out" if self._deadline_s is None else "the daemon stops"
            return Ending(TaskState.QUEUED, f"given back: {why}")
        except (WorkerDiedError, WorkerTimeoutError, WorkerMemoryError) as error:
            again = claim.faults + 1 < self._settings.now.tasks.max_attempts
            state = TaskState.QUEUED if again else TaskState.FAILED
            return Ending(state, str(error), fault=True, delay_s=_FAULT_DELAY_S)
        except TransientError as error:
            return Ending(TaskState.QUEUED, f"given back: {error}", delay_s=error.delay_s)
        except PermanentError as error:
            return Ending(TaskState.FAILED, str(error))
        except FatalError:
            raise
        except Exception as error:  # noqa: BLE001 - an unexpected error ends this task only
            self._log.exception("analysis failed unexpectedly")
            return Ending(TaskState.FAILED, brief(f"unexpected {type(error).__name__}: {error}"))
        return Ending(TaskState.DONE, outcome=outcome)

    def _report_start(self, work: Work) -> None:
        """Log and announce the start of the work."""
        self._hints.announcements.give()
        claim = work.claim
        self._log.info(f"{work.name} started", attempt=claim.attempt, analysis=claim.held.analysis)

    async def _record(self, work: Work, ending: Ending) -> None:
        """Record the end of an attempt, retrying for as long as the database is away.

        A stop does not wait for the database: the task is queued again after the restart.
        """
        folder = work.folder
        lines = await self._log_lines(ending, folder)
        ours: bool | None = None
        policy = FailurePolicy("recording of tasks", _LONGEST_RECORD_PAUSE_S)
        with self._leases.renewed(work.claim):
            while ours is None and not self._late:
                try:
                    ours = await self._recorded(work, ending, folder, lines)
                except TransientError as error:
                    await asyncio.sleep(policy.pause_s(error))
                except FatalError:
                    raise
                except Exception as error:  # noqa: BLE001 - must not be computed again and again
                    self._log.exception("result not recorded", state=ending.state)
                    why = f"{type(error).__name__}: {error}"
                    reason = brief(f"its end could not be recorded: {why}")
                    ending, lines = Ending(TaskState.FAILED, reason), ()
                    await asyncio.sleep(_FAULT_DELAY_S)
        await asyncio.sleep(0)  # let the relay announce the result first
        if ending.state is TaskState.QUEUED:
            self._hints.tasks.give()
        if ending.outcome is None or ours is False:
            await asyncio.to_thread(self._files.discard, folder)
        event = f"{work.name} ended" if ours else f"claim lost before the {work.name} ended"
        self._log.info(event, state=ending.state, reason=ending.reason)

    async def _log_lines(self, ending: Ending, folder: str) -> tuple[bytes, ...]:
        """Return the log of an attempt; after a fault, as much as was written."""
        if ending.outcome is not None:
            return ending.outcome.log
        try:
            return await asyncio.to_thread(self._files.log_lines, folder)
        except OSError as error:
            self._log.warning("log of a task lost", folder=folder, reason=str(error))
            return ()

    async def _recorded(
        self, work: Work, ending: Ending, folder: str, lines: tuple[bytes, ...]
    ) -> bool:
        """Record the end of an attempt in one transaction; return False if the claim was lost."""
        async with self._database.transaction() as transaction:
            written = await work.record(transaction, ending, folder)
            record_log(transaction, work.claim.task_id, work.claim.attempt, lines)
        self._hints.give_result(transaction.announcements)
        return written

    @property
    def _late(self) -> bool:
        """Return whether the time to record results after a stop is over."""
        late_s = asyncio.get_running_loop().time() - _RECORD_LIMIT_S
        return self._deadline_s is not None and late_s > self._deadline_s

    async def _limit_stop(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._hints.give_all()
        self._deadline_s = asyncio.get_running_loop().time() + self._settings.now.tasks.stop_limit_s
        self._leases.end_by(self._deadline_s)
