"""The stage that runs tasks and draws their figures: claim, compute in a worker, record."""

import asyncio
import time
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

import msgspec
import structlog

from eclgrmd.aio.polling import FailurePolicy, poll
from eclgrmd.compute import (
    Deadline,
    WorkerDiedError,
    WorkerMemoryError,
    Workers,
    WorkerTimeoutError,
)
from eclgrmd.errors import FatalError, InputError, PermanentError, TransientError, brief
from eclgrmd.files import FileStore
from eclgrmd.hints import Hints
from eclgrmd.metrics import Metrics
from eclgrmd.model.configuration.layers import Layer, Resolved, resolve
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.pipeline import (
    FiguresOutcome,
    PipelineFile,
    PipelineOutcome,
    PipelineRequest,
)
from eclgrmd.model.task import FiguresState, TaskState
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.intake.inputs import InputFile
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.claims import Claim, claim_task
from eclgrmd.store.tasks.endings import finish_task, give_back_task
from eclgrmd.store.tasks.figures import (
    FiguresClaim,
    claim_figures,
    finish_figures,
    give_back_figures,
)
from eclgrmd.store.tasks.task_logs import record_log

from .leases import Leases
from .worker_functions import analyse, draw

__all__ = ["TaskRunner"]

_CONFIGURATIONS = 64
"""Resolved configurations that are cached: most tasks use the same few."""
_FAULT_DELAY_S = 2.0
"""Pause after a fault of a worker or of our own, so that a persistent fault makes no busy loop."""
_RECORD_LIMIT_S = 5.0
"""Time to record the last results after the time limit of a stop, seconds."""
_LONGEST_RECORD_PAUSE_S = 2.0
"""Longest pause between attempts to record a result, for which clients wait."""


class Ending(NamedTuple):
    """The end of an attempt at a task or its figures."""

    state: TaskState
    """DONE, FAILED, or QUEUED for a retry."""
    reason: str = ""
    """Why it did not end as done, for people."""
    fault: bool = False
    """Whether the worker died or exceeded its time or memory."""
    delay_s: float = 0.0
    """Pause before the retry, seconds."""
    outcome: PipelineOutcome | FiguresOutcome | None = None
    """What was made; None unless it is done."""


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
        self._workers = workers
        self._hints = hints
        self._owner = owner
        self._slots = slots
        self._settings = settings
        self._metrics = metrics
        self._resolver = _Resolver(settings.layers)
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
            claim: Claim | FiguresClaim | None = await claim_task(transaction, self._owner)
            if claim is None:
                claim = await claim_figures(transaction, self._owner)
        if claim is None:
            return self._settings.now.tasks.poll_s
        with structlog.contextvars.bound_contextvars(
            burst_id=claim.burst_id, task_id=claim.task_id
        ):
            await self._record(claim, await self._measured(claim, since_s))
        return 0.0

    async def _measured(self, claim: Claim | FiguresClaim, since_s: float) -> Ending:
        """Compute what was claimed and record its waiting and running time in the metrics."""
        if isinstance(claim, Claim) and claim.attempt == 1:
            self._metrics.stages.labels("wait").observe(claim.waited_s)
        began = time.monotonic()
        ending = await self._attempt(claim, since_s)
        took_s = time.monotonic() - began
        if isinstance(claim, Claim):
            self._metrics.attempts.labels(claim.held.analysis, ending.state).observe(took_s)
        else:
            self._metrics.drawings.labels(ending.state).observe(took_s)
        self._metrics.faults.labels(claim.held.analysis).inc(ending.fault)
        return ending

    async def _attempt(self, claim: Claim | FiguresClaim, since_s: float) -> Ending:
        """Compute what was claimed and return how it ended; only a fatal error is raised."""
        # Start the worker first: the announcement of the start is less urgent.
        asyncio.get_running_loop().call_soon(self._report_start, claim)
        try:
            with self._leases.renewed(claim):
                async with self._leases.while_valid(claim, since_s) as deadline:
                    outcome = await self._computed(claim, deadline)
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

    async def _computed(
        self, claim: Claim | FiguresClaim, deadline: Deadline
    ) -> PipelineOutcome | FiguresOutcome:
        """Compute what was claimed in a worker process."""
        limit_s = self._settings.now.tasks.time_limit_s
        if isinstance(claim, Claim):
            request = await self._request(claim)
            return await self._workers.call(
                analyse, request, timeout_s=limit_s, deadline=deadline, topic=claim.task_id
            )
        request = await self._drawing(claim)
        return await self._workers.call(
            draw,
            request,
            timeout_s=limit_s,
            deadline=deadline,
            background=True,
            topic=claim.task_id,
        )

    def _report_start(self, claim: Claim | FiguresClaim) -> None:
        """Log and announce the start of a task, or of the drawing of its figures."""
        self._hints.announcements.give()
        event = "task started" if isinstance(claim, Claim) else "drawing started"
        self._log.info(event, attempt=claim.attempt, analysis=claim.held.analysis)

    async def _record(self, claim: Claim | FiguresClaim, ending: Ending) -> None:
        """Record the end of an attempt, retrying for as long as the database is away.

        A stop does not wait for the database: the task is queued again after the restart.
        """
        folder = self._files.product_folder(claim.task_id, claim.attempt)
        lines = await self._log_lines(ending, folder)
        ours: bool | None = None
        policy = FailurePolicy("recording of tasks", _LONGEST_RECORD_PAUSE_S)
        with self._leases.renewed(claim):
            while ours is None and not self._late:
                try:
                    ours = await self._recorded(claim, ending, folder, lines)
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
        what = "task" if isinstance(claim, Claim) else "drawing"
        event = f"{what} ended" if ours else f"claim lost before the {what} ended"
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
        self, claim: Claim | FiguresClaim, ending: Ending, folder: str, lines: tuple[bytes, ...]
    ) -> bool:
        """Record the end of an attempt in one transaction; return False if the claim was lost."""
        state, reason = ending.state, ending.reason
        fault, delay_s = ending.fault, ending.delay_s
        async with self._database.transaction() as transaction:
            if isinstance(claim, Claim) and isinstance(ending.outcome, PipelineOutcome):
                written = await finish_task(transaction, claim, ending.outcome, folder)
            elif isinstance(claim, Claim):
                written = await give_back_task(
                    transaction, claim, state, reason, fault=fault, delay_s=delay_s
                )
            elif isinstance(ending.outcome, FiguresOutcome):
                steps = await claim.steps.value() or ""
                beside = str(PurePosixPath(steps).parent)
                written = await finish_figures(transaction, claim, ending.outcome, beside)
            else:
                figures = FiguresState(state)
                written = await give_back_figures(
                    transaction, claim, figures, reason, fault=fault, delay_s=delay_s
                )
            record_log(transaction, claim.task_id, claim.attempt, lines)
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

    def _resolved(self, claim: Claim) -> Resolved:
        """Return the configuration of a task: its own keys over the site's present ones."""
        if self._resolver.layers is not self._settings.layers:
            self._resolver = _Resolver(self._settings.layers)
        return self._resolver.resolved(msgspec.json.encode(claim.request.configuration))

    def _file(self, file: InputFile) -> PipelineFile:
        if file.path is None or file.sha256 is None or file.kind is None:
            raise InputError(f"{file.name}: is no longer here, it must be sent again")
        path = str(self._files.path(file.path))
        return PipelineFile(path=path, name=file.name, sha256=file.sha256, kind=file.kind)

    async def _request(self, claim: Claim) -> PipelineRequest:
        again = None if claim.earlier is None else await claim.earlier.value()
        wanted = self._resolved(claim)
        folder = self._files.product_folder(claim.task_id, claim.attempt)
        return PipelineRequest(
            task_id=claim.task_id,
            burst_id=claim.burst_id,
            files=tuple(map(self._file, await claim.inputs.rows())),
            output=str(self._files.path(folder)),
            analysis=claim.request.analysis,
            configuration=wanted.configuration,
            sources=wanted.sources,
            rerun_of=claim.request.rerun_of or "",
            earlier=str(self._files.path(again)) if again else "",
            program=self._settings.now.service.mode,
            proc_ver=claim.version.proc_ver,
            trigger_utc=claim.trigger_utc,
            flags=_incomplete(claim.version.incomplete),
        )

    async def _drawing(self, claim: FiguresClaim) -> PipelineRequest:
        """Return a request for figures; the worker reads all else from the stored result."""
        steps = await claim.steps.value()
        if steps is None:
            raise InputError("the result is no longer here: run the task again")
        folder = self._files.product_folder(claim.task_id, claim.attempt)
        return PipelineRequest(
            task_id=claim.task_id,
            burst_id=claim.burst_id,
            files=tuple(map(self._file, await claim.files.rows())),
            output=str(self._files.path(folder)),
            earlier=str(self._files.path(steps)),
        )


def _incomplete(missing: str) -> tuple[Flag, ...]:
    """Return a flag about files that had not come when the task began, if any."""
    return (Flag(FlagCode.INCOMPLETE, detail=missing),) if missing else ()


class _Resolver:
    """Resolves the configurations of tasks against the site's layers, with a cache."""

    def __init__(self, layers: tuple[Layer, ...]) -> None:
        self.layers = layers
        self.resolved = lru_cache(_CONFIGURATIONS)(self._resolved)

    def _resolved(self, configuration: bytes) -> Resolved:
        return resolve(*self.layers, Layer("task", msgspec.json.decode(configuration)))
