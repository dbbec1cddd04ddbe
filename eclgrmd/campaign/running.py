"""The run of a campaign: chunks go to the engine, and each result counts once."""

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar, cast

import msgspec
import structlog

from eclgrmd.errors import EclgrmdError, FatalError, TransientError
from eclgrmd.model.campaign import (
    Campaign,
    CampaignState,
    ChunkOutcome,
    ChunkWork,
    FailureKind,
    Item,
    ItemFailure,
    Software,
)
from eclgrmd.store.campaigns.campaigns import begin_run, campaign, campaign_state, end_run
from eclgrmd.store.campaigns.chunks import (
    Part,
    SentChunk,
    computed_part,
    count_outcome,
    count_reused,
    next_chunk,
    put_back,
    take_back,
)
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.transaction import Transaction

from .engine import Engine, EngineAddress, EngineLostError, StalledError, Work, WorkerLostError
from .parts import joined, part_path, write_part
from .work import run_chunk

__all__ = ["CampaignRun"]

R = TypeVar("R")
_LOOK_S = 2.0
"""Pause between two looks at the size of the engine and the state of the campaign, seconds."""
_PER_THREAD = 2
"""Chunks that are with the engine for each thread, so that no thread waits for its next one."""
_LEAST = 4
"""Chunks with the engine at least, so that a cluster that grows on demand sees a demand."""
_STRIKES = 2
"""Times that a chunk may stall or kill its workers before its bursts are computed one by one."""
_RECONNECT_S = 2.0
"""Pause before a connection to a scheduler that is gone, seconds."""
_PATIENCE_S = 600.0
"""Time for a scheduler or a database to come back, seconds."""
_DATABASE_PAUSE_S = 0.5
"""Pause before a failed transaction is repeated, seconds."""


class CampaignRun:
    """One run of a campaign, until every chunk has counted or the campaign is cancelled.

    Parameters
    ----------
    database
        The ledger.
    campaign_id
        Name of the campaign.
    where
        The engine.
    software
        What must compute the results; workers with other software get no work.
    work
        What workers run on an encoded `ChunkWork`.
    """

    def __init__(
        self,
        database: Database,
        campaign_id: str,
        where: EngineAddress,
        software: Software,
        work: Work = run_chunk,
    ) -> None:
        self._database = database
        self._id = campaign_id
        self._where = where
        self._software = software
        self._work = work
        self._log = structlog.get_logger("campaign")
        self._strikes: Counter[int] = Counter()
        self._lanes: set[asyncio.Task[None]] = set()
        self._campaign: Campaign
        self._run = 0

    async def until_done(self, *, failed_again: bool = False) -> CampaignState:
        """Compute every chunk that has not counted yet, and return the state of the campaign.

        Parameters
        ----------
        failed_again
            Also compute chunks again in which a burst failed.

        Raises
        ------
        FatalError
            If a worker has other software, or the engine is missing for ten minutes.
        """
        async with self._database.transaction() as transaction:
            self._campaign, _ = await campaign(transaction, self._id)
            self._run = await begin_run(transaction, self._id, failed_again=failed_again)
        try:
            await self._sessions()
        finally:
            state = await asyncio.shield(self._end())
        return state

    async def _sessions(self) -> None:
        """Work with one engine after the other, as schedulers die."""
        loop = asyncio.get_running_loop()
        missing_since: float | None = None
        while True:
            try:
                async with Engine(self._where) as engine:
                    missing_since = None
                    await self._session(engine)
            except* FatalError as fatal:
                raise _first(fatal) from fatal
            except* EngineLostError as lost:
                now = loop.time()
                missing_since = missing_since or now
                if now - missing_since > _PATIENCE_S:
                    raise FatalError(f"the engine is gone: {_first(lost)}") from lost
                self._log.warning("engine lost", reason=str(_first(lost)))
            else:
                return
            await asyncio.sleep(_RECONNECT_S)
            await self._patiently(lambda transaction: take_back(transaction, self._id, self._run))

    async def _session(self, engine: Engine) -> None:
        """Keep the engine busy until no chunk is left or the campaign is cancelled."""
        self._lanes = set()
        async with asyncio.TaskGroup() as group:
            while True:
                wanted = max(_LEAST, _PER_THREAD * await engine.threads())
                state = await self._patiently(
                    lambda transaction: campaign_state(transaction, self._id, self._run)
                )
                if state is not CampaignState.RUNNING:
                    for lane in self._lanes:
                        lane.cancel()
                    return
                opened = 0
                while len(self._lanes) < wanted:
                    sent = await self._patiently(
                        lambda transaction: next_chunk(transaction, self._id, self._run)
                    )
                    if sent is None:
                        break
                    lane = group.create_task(self._lane(engine, sent), name="campaign lane")
                    self._lanes.add(lane)
                    lane.add_done_callback(self._lanes.discard)
                    opened += 1
                if not self._lanes and not opened:
                    return
                await asyncio.wait(
                    self._lanes, timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED
                )

    async def _lane(self, engine: Engine, sent: SentChunk | None) -> None:
        """Send one chunk after the other."""
        while sent is not None:
            await self._chunk(engine, sent)
            sent = await self._patiently(
                lambda transaction: next_chunk(transaction, self._id, self._run)
            )

    async def _chunk(self, engine: Engine, sent: SentChunk) -> None:
        if await self._reused(sent):
            return
        number = sent.chunk.number
        try:
            if self._strikes[number] < _STRIKES:
                outcome = await self._outcome(engine, sent, sent.chunk.items)
            else:
                outcome = await self._one_by_one(engine, sent)
        except (StalledError, WorkerLostError) as error:
            self._strikes[number] += 1
            self._log.warning("chunk sent again", number=number, reason=str(error))
            why = str(error)
            await self._patiently(
                lambda transaction: put_back(transaction, self._id, self._run, sent, why)
            )
            return
        if outcome.refused:
            raise FatalError(f"worker {outcome.worker}: {outcome.refused}")
        if outcome.retry:
            self._strikes[number] += 1
            await self._patiently(
                lambda transaction: put_back(transaction, self._id, self._run, sent, outcome.retry)
            )
            return
        await self._count(sent, outcome)
        self._strikes.pop(number, None)

    async def _outcome(
        self, engine: Engine, sent: SentChunk, items: tuple[Item, ...], alone: int | None = None
    ) -> ChunkOutcome:
        """Return the outcome of some bursts of a chunk, `alone` is the index of a single one."""
        chunk, asked = sent.chunk, self._campaign
        work = ChunkWork(
            campaign_id=self._id,
            number=chunk.number,
            configuration=asked.configurations[chunk.configuration],
            analysis=asked.analysis,
            created_utc=asked.created_utc,
            items=items,
            software=self._software,
            final=alone is not None,
        )
        name = f"{self._id}-{self._run}-{chunk.number}-{sent.attempt}-{os.getpid()}"
        found = await engine.run(
            self._work,
            msgspec.msgpack.encode(work),
            key=name if alone is None else f"{name}-{alone}",
            limit_s=asked.limit_s if alone is None else asked.item_limit_s,
        )
        return msgspec.msgpack.decode(found, type=ChunkOutcome)

    async def _one_by_one(self, engine: Engine, sent: SentChunk) -> ChunkOutcome:
        """Compute each burst of a chunk alone, so that only the one fails that kills its worker."""
        done: list[ChunkOutcome] = []
        failed: list[ItemFailure] = []
        for index, item in enumerate(sent.chunk.items):
            try:
                outcome = await self._outcome(engine, sent, (item,), index)
            except StalledError as error:
                failed.append(ItemFailure(index, item.burst_id, FailureKind.LIMIT, str(error)))
            except WorkerLostError as error:
                failed.append(ItemFailure(index, item.burst_id, FailureKind.KILLED, str(error)))
            else:
                if outcome.refused:
                    return outcome
                done.append(outcome)
                failed += [msgspec.structs.replace(f, item=index) for f in outcome.failures]
        found = [each.part for each in done if each.part]
        part = await asyncio.to_thread(joined, found) if found else b""
        return ChunkOutcome(
            part=part,
            measured=sum(each.measured for each in done),
            failures=tuple(failed),
            cpu_s=sum(each.cpu_s for each in done),
            worker=done[-1].worker if done else "",
        )

    async def _count(self, sent: SentChunk, outcome: ChunkOutcome) -> None:
        sha256 = ""
        if outcome.part:
            path = part_path(Path(self._campaign.folder), sent.chunk.number, sent.chunk.key)
            sha256 = await asyncio.to_thread(write_part, path, outcome.part)
        await self._patiently(
            lambda transaction: count_outcome(
                transaction, self._id, self._run, sent, outcome, sha256
            )
        )

    async def _reused(self, sent: SentChunk) -> bool:
        """Count the results that another campaign has for the same chunk; return if there are."""
        known = await self._patiently(lambda transaction: computed_part(transaction, sent))
        if known is None:
            return False
        mine = part_path(Path(self._campaign.folder), sent.chunk.number, sent.chunk.key)
        if not await asyncio.to_thread(_copy, known, mine):
            return False
        return await self._patiently(
            lambda transaction: count_reused(transaction, self._id, self._run, sent, known)
        )

    async def _end(self) -> CampaignState:
        await self._patiently(lambda transaction: take_back(transaction, self._id, self._run))
        return await self._patiently(lambda transaction: end_run(transaction, self._id, self._run))

    async def _patiently(self, change: Callable[[Transaction], Awaitable[R]]) -> R:
        """Run a transaction, again while the database is away."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE_S
        while True:
            try:
                async with self._database.transaction() as transaction:
                    return await change(transaction)
            except TransientError as error:
                if loop.time() > deadline:
                    raise
                self._log.warning("database away", reason=str(error))
            await asyncio.sleep(_DATABASE_PAUSE_S)


def _first(group: BaseExceptionGroup[EclgrmdError]) -> EclgrmdError:
    """Return the first error of a group of errors, or of the groups in it."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return cast("EclgrmdError", error)


def _copy(part: Part, mine: Path) -> bool:
    """Copy the results of another campaign; return whether they are there and unchanged."""
    theirs = part_path(Path(part.folder), part.number, part.chunk_key)
    try:
        content = theirs.read_bytes()
    except OSError:
        return False
    if hashlib.sha256(content).hexdigest() != part.part_sha256:
        return False
    write_part(mine, content)
    return True
