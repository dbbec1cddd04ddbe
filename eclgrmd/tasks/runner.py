"""Claims tasks, has them computed, and records how they ended."""

import asyncio

import structlog

from eclgrmd.compute import WorkerDiedError, WorkerMemoryError, Workers, WorkerTimeoutError
from eclgrmd.config import TaskSettings
from eclgrmd.errors import PermanentError, TransientError
from eclgrmd.model.layers import Layer, resolve
from eclgrmd.model.pipeline import PipelineFile, PipelineOutcome, PipelineRequest
from eclgrmd.model.task import TaskState
from eclgrmd.store.database import Database
from eclgrmd.store.files import FileStore
from eclgrmd.store.hints import Hints
from eclgrmd.store.task_logs import record_log
from eclgrmd.store.tasks import (
    Claim,
    claim_task,
    finish_task,
    give_back_task,
    recover_tasks,
    renew_leases,
)

from .jobs import analyse

__all__ = ["TaskRunner"]

_FAULT_DELAY_S = 2.0
_RECORD_LIMIT_S = 5.0
"""After the last moment for tasks to end, how long the database may take to hear of it."""


class TaskRunner:
    """Runs until it is told to stop."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        workers: Workers,
        hints: Hints,
        *,
        owner: str,
        slots: int,
        settings: TaskSettings,
        program: str,
        layers: tuple[Layer, ...] = (),
    ) -> None:
        self._database = database
        self._files = files
        self._workers = workers
        self._hints = hints
        self._owner = owner
        self._slots = slots
        self._settings = settings
        self._program = program
        self._layers = layers
        self._running: dict[str, asyncio.Timeout] = {}
        self._deadline: float | None = None
        """Set by the stop: when what still runs is given back."""
        self._log = structlog.get_logger("tasks")

    async def run(self, stop: asyncio.Event) -> None:
        """Run tasks; after the stop, end those that run or give them back."""
        idle = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_leases(idle), name="task leases")
            group.create_task(self._limit_stop(stop), name="task stop limit")
            async with asyncio.TaskGroup() as slots:
                for number in range(self._slots):
                    slots.create_task(self._slot(stop), name=f"task slot {number}")
            idle.set()
            self._hints.leases.give()

    async def _slot(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            seen = self._hints.tasks.count
            try:
                async with self._database.transaction() as transaction:
                    claim = await claim_task(transaction, self._owner, self._settings.lease_s)
            except TransientError as error:
                self._log.warning("claiming waits", reason=str(error))
                claim = None
            if claim is None:
                await self._hints.tasks.wait(seen, self._settings.poll_s)
            else:
                await self._attempt(claim)

    async def _attempt(self, claim: Claim) -> None:
        """Compute a claimed task and record the end of the attempt, whatever it is."""
        structlog.contextvars.bind_contextvars(burst_id=claim.burst_id, task_id=claim.task_id)
        self._hints.announcements.give()
        self._log.info("task started", attempt=claim.attempt, analysis=claim.request.analysis)
        folder = self._files.product_folder(claim.task_id, claim.attempt)
        outcome: PipelineOutcome | None = None
        state, reason, fault, delay_s = TaskState.FAILED, "", False, 0.0
        try:
            async with asyncio.timeout_at(self._deadline) as scope:
                self._running[claim.task_id] = scope
                outcome = await self._workers.call(
                    analyse, self._request(claim, folder), timeout_s=self._settings.time_limit_s
                )
        except TimeoutError:
            state, reason = TaskState.QUEUED, "given back, the daemon stops"
        except (WorkerDiedError, WorkerTimeoutError, WorkerMemoryError) as error:
            fault, reason, delay_s = True, str(error), _FAULT_DELAY_S
            if claim.faults + 1 < self._settings.max_attempts:
                state = TaskState.QUEUED
        except TransientError as error:
            state, reason, delay_s = TaskState.QUEUED, f"given back: {error}", error.delay_s
        except PermanentError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - whatever was raised ends this task only
            reason = f"unexpected {type(error).__name__}: {error}"
            self._log.exception("analysis failed unexpectedly")
        else:
            state = TaskState.DONE
        finally:
            del self._running[claim.task_id]
        await asyncio.shield(
            self._record(claim, folder, outcome, state, reason, fault=fault, delay_s=delay_s)
        )
        structlog.contextvars.unbind_contextvars("burst_id", "task_id")

    async def _record(
        self,
        claim: Claim,
        folder: str,
        outcome: PipelineOutcome | None,
        state: TaskState,
        reason: str,
        *,
        fault: bool,
        delay_s: float,
    ) -> None:
        """Write the end of an attempt, however long the database is away.

        A stop does not wait for that: the task is queued again when we are back.
        """
        lines = await asyncio.to_thread(self._files.log_lines, folder)
        ours: bool | None = None
        while ours is None and not self._late:
            try:
                async with self._database.transaction() as transaction:
                    if outcome is not None:
                        written = await finish_task(transaction, claim, outcome, folder)
                    else:
                        written = await give_back_task(
                            transaction, claim, state, reason, fault=fault, delay_s=delay_s
                        )
                    await record_log(transaction, claim.task_id, claim.attempt, lines)
                ours = written
            except TransientError as error:
                self._log.warning("recording waits", reason=str(error))
                await asyncio.sleep(error.delay_s)
        self._hints.announcements.give()
        self._hints.tasks.give()
        if outcome is None or ours is False:
            await asyncio.to_thread(self._files.discard, folder)
        self._log.info(
            "task ended" if ours else "task was no longer ours", state=state, reason=reason
        )

    async def _keep_leases(self, idle: asyncio.Event) -> None:
        """Renew our claims, stop work on lost ones, and free what others lost."""
        while not idle.is_set():
            seen, running = self._hints.leases.count, set(self._running)
            pause_s = self._settings.lease_s / 3
            try:
                async with self._database.transaction() as transaction:
                    held = await renew_leases(transaction, self._owner, self._settings.lease_s)
                    recovered = await recover_tasks(transaction)
            except TransientError as error:
                self._log.warning("lease renewal waits", reason=str(error))
                pause_s = min(pause_s, error.delay_s)
            else:
                self._drop(running - held)
                if recovered:
                    self._log.warning("tasks recovered", tasks=recovered)
                    self._hints.tasks.give()
            await self._hints.leases.wait(seen, pause_s)

    @property
    def _late(self) -> bool:
        """Tell whether a stop has waited for too long."""
        late_s = asyncio.get_running_loop().time() - _RECORD_LIMIT_S
        return self._deadline is not None and late_s > self._deadline

    def _drop(self, lost: set[str]) -> None:
        for task_id in lost & self._running.keys():
            self._limit(task_id, asyncio.get_running_loop().time())

    async def _limit_stop(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._hints.give_all()
        self._deadline = asyncio.get_running_loop().time() + self._settings.stop_limit_s
        for task_id in self._running:
            self._limit(task_id, self._deadline)

    def _limit(self, task_id: str, when: float) -> None:
        scope = self._running[task_id]
        if not scope.expired():  # asyncio refuses to expire one twice
            scope.reschedule(when)

    def _request(self, claim: Claim, folder: str) -> PipelineRequest:
        wanted = resolve(*self._layers, Layer("task", claim.request.configuration))
        return PipelineRequest(
            task_id=claim.task_id,
            burst_id=claim.burst_id,
            files=tuple(
                PipelineFile(
                    path=str(self._files.path(row["path"])),
                    name=row["name"],
                    sha256=row["sha256"],
                    kind=row["kind"],
                )
                for row in claim.inputs
            ),
            output=str(self._files.path(folder)),
            what=claim.request.analysis,
            configuration=wanted.configuration,
            sources=wanted.sources,
            rerun_of=claim.request.rerun_of or "",
            earlier=str(self._files.path(claim.earlier)) if claim.earlier else "",
            program=self._program,
            proc_ver=claim.version.proc_ver,
            trigger_utc=claim.trigger_utc,
            flags=(f"incomplete: {claim.version.incomplete}",) if claim.version.incomplete else (),
        )
