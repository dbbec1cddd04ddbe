"""The stage that computes studies of tasks, in pieces between which workers do other work."""

import asyncio
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TypeVar

import structlog

from eclgrmd.aio.polling import poll
from eclgrmd.compute import WorkerDiedError, WorkerMemoryError, Workers, WorkerTimeoutError
from eclgrmd.errors import FatalError, InputError, PermanentError, TransientError, brief
from eclgrmd.files import FileStore
from eclgrmd.hints import Hints
from eclgrmd.model.pipeline import PipelineRequest, ProductFile
from eclgrmd.model.study.work import PIECE, StudyState, StudyWork
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.studies import (
    StudyClaim,
    claim_study,
    finish_study,
    give_back_study,
    note_study_progress,
    take_back_studies,
)

from .study_leases import StudyLeases
from .work import kept_file, sandbox_of
from .worker_functions import end_study, study

__all__ = ["StudyRunner"]

R = TypeVar("R")
_PRIORITY = 100
"""Priority among the calls of workers: after all tasks and figures."""
_SHARE = "studies"
"""Owner of all calls, so that they never occupy all workers if there are several."""
_LIMIT_S = 600.0
"""Longest time of a piece, seconds; most take some seconds."""


class StudyRunner:
    """Computes the coverage and the spread of results for which somebody asked.

    Studies come after all other work. A worker computes a piece of some seconds, then takes what
    waits; its scheduling priority is the lowest. A study that a stop interrupts begins anew.

    Parameters
    ----------
    database, files, workers, hints, settings
        The resources of the daemon.
    owner
        Node id under which this daemon claims studies.
    slots
        Number of worker processes.
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
    ) -> None:
        self._database = database
        self._files = files
        self._workers = workers
        self._hints = hints
        self._owner = owner
        self._slots = max(slots - 1, 1)
        self._settings = settings
        self._leases = StudyLeases(database, hints, settings, owner=owner)
        self._log = structlog.get_logger("studies")

    async def run(self, stop: asyncio.Event) -> None:
        """Compute the studies that wait; the stop interrupts them, and queues them again."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._leases.keep(stop), name="study leases")
            slots = [
                group.create_task(self._slot(stop), name=f"study slot {number}")
                for number in range(self._slots)
            ]
            await stop.wait()
            for slot in slots:
                slot.cancel()
        async with self._database.transaction() as transaction:
            await take_back_studies(transaction, self._owner)

    async def _slot(self, stop: asyncio.Event) -> None:
        """Compute one study after the other."""
        await poll(self._run_next, stage="studies", stop=stop, hint=self._hints.studies)

    async def _run_next(self) -> float:
        async with self._database.transaction() as transaction:
            claim = await claim_study(transaction, self._owner)
        if claim is None:
            return self._settings.now.tasks.poll_s
        row = claim.row
        with structlog.contextvars.bound_contextvars(burst_id=claim.burst_id, task_id=row.task_id):
            self._log.info("study started", kind=row.kind, number=row.number)
            state, reason = await self._attempt(claim)
            self._log.info("study ended", kind=row.kind, state=state, reason=reason)
        self._hints.results.give()
        return 0.0

    async def _attempt(self, claim: StudyClaim) -> tuple[StudyState, str]:
        """Compute a study, record how it ended, and return that."""
        fault, delay_s = False, 0.0
        try:
            return await self._computed(claim)
        except (WorkerDiedError, WorkerTimeoutError, WorkerMemoryError) as error:
            fault, reason = True, str(error)
            again = claim.row.faults + 1 < self._settings.now.tasks.max_attempts
            state = StudyState.QUEUED if again else StudyState.FAILED
        except TransientError as error:
            state, reason, delay_s = StudyState.QUEUED, str(error), error.delay_s
        except PermanentError as error:
            state, reason = StudyState.FAILED, str(error)
        except FatalError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever was raised ends this study only
            self._log.exception("study failed unexpectedly")
            state, reason = StudyState.FAILED, brief(f"{type(error).__name__}: {error}")
        await asyncio.sleep(delay_s)
        async with self._database.transaction() as transaction:
            await give_back_study(transaction, claim.row, state, reason, fault=fault)
        return state, reason

    async def _computed(self, claim: StudyClaim) -> tuple[StudyState, str]:
        work, row = await self._work(claim), claim.row
        number = -(-row.number // PIECE)
        pieces: list[bytes] = []
        for piece in range(number):
            pieces.append(await self._called(work, study, work, piece))
            async with self._database.transaction() as transaction:
                ours = await note_study_progress(transaction, row, len(pieces) / number)
            if not ours:
                return StudyState.QUEUED, "asked for again"
        file: ProductFile = await self._called(work, end_study, work, pieces)
        folder = str(PurePosixPath(await claim.steps.value() or "").parent)
        async with self._database.transaction() as transaction:
            await finish_study(transaction, claim, file, folder)
        return StudyState.DONE, ""

    async def _called(self, work: StudyWork, function: Callable[..., R], *args: object) -> R:
        beside = str(PurePosixPath(work.request.earlier).parent)
        return await self._workers.call(
            function,
            *args,
            timeout_s=_LIMIT_S,
            priority=_PRIORITY,
            shares=(_SHARE,),
            background=True,
            topic=_SHARE,
            sandbox=sandbox_of(work.request, beside),
        )

    async def _work(self, claim: StudyClaim) -> StudyWork:
        row, steps = claim.row, await claim.steps.value()
        if steps is None:
            raise InputError("the result is no longer here: run the task again")
        request = PipelineRequest(
            task_id=row.task_id,
            burst_id=claim.burst_id,
            files=tuple(kept_file(self._files, each) for each in await claim.files.rows()),
            output="",
            earlier=str(self._files.path(steps)),
            steps_key=str(self._settings.now.steps_key_file),
        )
        return StudyWork(kind=row.kind, request=request, number=row.number, seed=row.seed)
