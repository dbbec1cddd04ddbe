"""What a claim gives to do: the analysis of a task, or the drawing of its figures afterwards."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import ClassVar, NamedTuple

import msgspec

from eclgrmd.compute import Deadline, Sandbox, Workers
from eclgrmd.errors import InputError
from eclgrmd.files import FileStore
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
from eclgrmd.store.sql.transaction import Transaction
from eclgrmd.store.tasks.claims import Claim, claim_task
from eclgrmd.store.tasks.endings import finish_task, give_back_task
from eclgrmd.store.tasks.figures import (
    FiguresClaim,
    claim_figures,
    finish_figures,
    give_back_figures,
)

from .worker_functions import analyse, draw

__all__ = [
    "Analysis",
    "Drawing",
    "Ending",
    "Resolver",
    "Resources",
    "Work",
    "claim_work",
    "kept_file",
    "sandbox_of",
]

_CONFIGURATIONS = 64
"""Resolved configurations that are cached: most tasks use the same few."""


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


@dataclass(slots=True)
class Resources:
    """What all work needs of the daemon."""

    files: FileStore
    """Files of inputs and products."""
    workers: Workers
    """The worker processes."""
    settings: LiveSettings
    """The settings of the daemon."""
    metrics: Metrics
    """The metrics of the daemon."""
    resolver: "Resolver"
    """Resolves the configurations of tasks."""


class Work(ABC):
    """One attempt at what was claimed.

    Parameters
    ----------
    resources
        What it needs of the daemon.
    """

    name: ClassVar[str]
    """Name in the log."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    @property
    @abstractmethod
    def claim(self) -> Claim | FiguresClaim:
        """The right to do it."""

    @abstractmethod
    async def compute(self, deadline: Deadline) -> PipelineOutcome | FiguresOutcome:
        """Compute in a worker process."""

    @abstractmethod
    async def record(self, transaction: Transaction, ending: Ending, folder: str) -> bool:
        """Record the end of the attempt; return False if the claim was lost."""

    @abstractmethod
    def observe(self, state: TaskState, took_s: float) -> None:
        """Record the time of the attempt in the metrics."""

    def _file(self, file: InputFile) -> PipelineFile:
        return kept_file(self._resources.files, file)

    @property
    def folder(self) -> str:
        """Folder of what the attempt makes, relative to the file store."""
        return self._resources.files.product_folder(self.claim.task_id, self.claim.attempt)

    @property
    def _limit_s(self) -> float:
        return self._resources.settings.now.tasks.time_limit_s


class Analysis(Work):
    """An attempt at the analysis of a task."""

    name = "task"

    def __init__(self, claim: Claim, resources: Resources) -> None:
        super().__init__(resources)
        self._claim = claim

    @property
    def claim(self) -> Claim:
        """The right to analyse."""
        return self._claim

    async def compute(self, deadline: Deadline) -> PipelineOutcome:
        """Run the analysis; the figures are left to `Drawing`."""
        request = await self._request()
        return await self._resources.workers.call(
            analyse,
            request,
            timeout_s=self._limit_s,
            deadline=deadline,
            topic=self.claim.task_id,
            sandbox=sandbox_of(request, request.output),
        )

    async def record(self, transaction: Transaction, ending: Ending, folder: str) -> bool:
        """Record the products, or how else the attempt ended."""
        if isinstance(ending.outcome, PipelineOutcome):
            return await finish_task(transaction, self.claim, ending.outcome, folder)
        return await give_back_task(
            transaction,
            self.claim,
            ending.state,
            ending.reason,
            fault=ending.fault,
            delay_s=ending.delay_s,
        )

    def observe(self, state: TaskState, took_s: float) -> None:
        """Record the time of the attempt, and the wait before the first one."""
        metrics, claim = self._resources.metrics, self.claim
        if claim.attempt == 1:
            metrics.stages.labels("wait").observe(claim.waited_s)
        metrics.attempts.labels(claim.held.analysis, state).observe(took_s)

    async def _request(self) -> PipelineRequest:
        claim, files = self.claim, self._resources.files
        again = None if claim.earlier is None else await claim.earlier.value()
        wanted = self._resources.resolver.resolved_for(claim)
        return PipelineRequest(
            task_id=claim.task_id,
            burst_id=claim.burst_id,
            files=tuple(map(self._file, await claim.inputs.rows())),
            output=str(files.path(self.folder)),
            analysis=claim.request.analysis,
            configuration=wanted.configuration,
            sources=wanted.sources,
            rerun_of=claim.request.rerun_of or "",
            earlier=str(files.path(again)) if again else "",
            steps_key=str(self._resources.settings.now.steps_key_file),
            program=self._resources.settings.now.service.mode,
            proc_ver=claim.version.proc_ver,
            trigger_utc=claim.trigger_utc,
            flags=_incomplete(claim.version.incomplete),
        )


class Drawing(Work):
    """An attempt at the figures of a task whose result is recorded."""

    name = "drawing"

    def __init__(self, claim: FiguresClaim, resources: Resources) -> None:
        super().__init__(resources)
        self._claim = claim

    @property
    def claim(self) -> FiguresClaim:
        """The right to draw."""
        return self._claim

    async def compute(self, deadline: Deadline) -> FiguresOutcome:
        """Draw, at the lowest priority; the worker reads all else from the stored result."""
        claim, files = self.claim, self._resources.files
        steps = await claim.steps.value()
        if steps is None:
            raise InputError("the result is no longer here: run the task again")
        request = PipelineRequest(
            task_id=claim.task_id,
            burst_id=claim.burst_id,
            files=tuple(map(self._file, await claim.files.rows())),
            output=str(files.path(self.folder)),
            earlier=str(files.path(steps)),
            steps_key=str(self._resources.settings.now.steps_key_file),
        )
        drawn = await self._resources.workers.call(
            draw,
            request,
            timeout_s=self._limit_s,
            deadline=deadline,
            background=True,
            topic=claim.task_id,
            sandbox=sandbox_of(request, request.output, str(files.path(steps).parent)),
        )
        await asyncio.to_thread(files.discard, self.folder)
        return drawn

    async def record(self, transaction: Transaction, ending: Ending, folder: str) -> bool:
        """Record the figures beside the result, or how else the attempt ended."""
        if isinstance(ending.outcome, FiguresOutcome):
            steps = await self.claim.steps.value() or ""
            beside = str(PurePosixPath(steps).parent)
            return await finish_figures(transaction, self.claim, ending.outcome, beside)
        return await give_back_figures(
            transaction,
            self.claim,
            FiguresState(ending.state),
            ending.reason,
            fault=ending.fault,
            delay_s=ending.delay_s,
        )

    def observe(self, state: TaskState, took_s: float) -> None:
        """Record the time of the drawing."""
        self._resources.metrics.drawings.labels(state).observe(took_s)


async def claim_work(transaction: Transaction, owner: str, resources: Resources) -> Work | None:
    """Claim the next task, or figures if no task is queued; None if there is nothing to do."""
    task = await claim_task(transaction, owner)
    if task is not None:
        return Analysis(task, resources)
    figures = await claim_figures(transaction, owner)
    return None if figures is None else Drawing(figures, resources)


def sandbox_of(request: PipelineRequest, *write: str) -> Sandbox:
    """Return what the computation of a request may reach: its inputs and its output."""
    read = [file.path for file in request.files]
    if request.earlier:
        read.append(str(PurePosixPath(request.earlier).parent))
    return Sandbox((*read, request.steps_key), write)


def _incomplete(missing: str) -> tuple[Flag, ...]:
    """Return a flag about files that had not come when the task began, if any."""
    return (Flag(FlagCode.INCOMPLETE, detail=missing),) if missing else ()


def kept_file(files: FileStore, file: InputFile) -> PipelineFile:
    """Return a file of the store as the pipeline takes it.

    Raises
    ------
    InputError
        If the file was cleaned.
    """
    if file.path is None or file.sha256 is None or file.kind is None:
        raise InputError(f"{file.name}: is no longer here, it must be sent again")
    path = str(files.path(file.path))
    return PipelineFile(path=path, name=file.name, sha256=file.sha256, kind=file.kind)


class Resolver:
    """Resolves the configurations of tasks against the site's present layers, with a cache."""

    def __init__(self, settings: LiveSettings) -> None:
        self._settings = settings
        self._layers = settings.layers
        self._cached = lru_cache(_CONFIGURATIONS)(self._resolved)

    def resolved_for(self, claim: Claim) -> Resolved:
        """Return the configuration of a task: its own keys over those of the site."""
        if self._layers is not self._settings.layers:
            self._layers = self._settings.layers
            self._cached.cache_clear()
        return self._cached(msgspec.json.encode(claim.request.configuration))

    def _resolved(self, configuration: bytes) -> Resolved:
        return resolve(*self._layers, Layer("task", msgspec.json.decode(configuration)))
