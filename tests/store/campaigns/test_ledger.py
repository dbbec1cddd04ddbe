"""A chunk counts once, whoever sends it, and whatever comes twice or late."""

from collections.abc import Sequence

import pytest

from eclgrmd.campaign.submitting import submit
from eclgrmd.errors import InputError
from eclgrmd.model.campaign import (
    Campaign,
    CampaignConfiguration,
    CampaignState,
    ChunkOutcome,
    FailureKind,
    Item,
    ItemFailure,
    Made,
    Progress,
    Software,
)
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.store.campaigns.campaigns import (
    begin_run,
    cancel_campaign,
    end_run,
    failures,
    progress,
)
from eclgrmd.store.campaigns.chunks import (
    SentChunk,
    computed_part,
    count_outcome,
    count_reused,
    next_chunk,
    put_back,
    take_back,
)
from eclgrmd.store.sql.database import Database

SOFTWARE = Software("1.0.0", "c" * 64, "processor", (1.0,))
OUTCOME = ChunkOutcome(part=b"x", measured=2, cpu_s=1.5, worker="host:1")
SHA256 = "f" * 64


async def submitted(database: Database, name: str = "c", bursts: int = 6) -> int:
    wanted = Campaign(
        campaign_id=name,
        folder="/results",
        configurations=(CampaignConfiguration("default", TaskConfiguration()),),
        created_utc="2026-01-01T00:00:00Z",
        chunk_bursts=1,
    )
    items = [Item(f"b{seed}", made=Made("package:make", seed, "s" * 64)) for seed in range(bursts)]
    return await submit(database, wanted, items, SOFTWARE)


async def begun(database: Database, name: str = "c") -> int:
    async with database.transaction() as transaction:
        return await begin_run(transaction, name)


async def sent_by(database: Database, run: int, name: str = "c") -> SentChunk | None:
    async with database.transaction() as transaction:
        return await next_chunk(transaction, name, run)


async def one_sent_by(database: Database, run: int, name: str = "c") -> SentChunk:
    sent = await sent_by(database, run, name)
    assert sent is not None
    return sent


async def counted(
    database: Database, run: int, sent: SentChunk, outcome: ChunkOutcome = OUTCOME
) -> bool:
    async with database.transaction() as transaction:
        return await count_outcome(transaction, "c", run, sent, outcome, SHA256)


async def progress_of(database: Database, name: str = "c") -> Progress:
    async with database.transaction() as transaction:
        return await progress(transaction, name)


async def failures_of(database: Database) -> Sequence[ItemFailure]:
    async with database.transaction() as transaction:
        return await failures(transaction, "c")


async def test_a_campaign_is_done_when_every_chunk_has_counted(database: Database) -> None:
    chunks = await submitted(database)
    run = await begun(database)
    while sent := await sent_by(database, run):
        assert await counted(database, run, sent)
    async with database.transaction() as transaction:
        assert await end_run(transaction, "c", run) is CampaignState.DONE
    found = await progress_of(database)
    assert (found.items, found.chunks, found.chunks_done) == (6, chunks, chunks)
    assert found.measured == 2 * chunks
    assert found.compute_s == pytest.approx(1.5 * chunks)


async def test_a_result_that_comes_twice_counts_once(database: Database) -> None:
    await submitted(database)
    run = await begun(database)
    sent = await one_sent_by(database, run)
    assert await counted(database, run, sent)
    assert not await counted(database, run, sent)
    assert (await progress_of(database)).measured == 2


async def test_a_result_of_an_earlier_submission_does_not_count(database: Database) -> None:
    await submitted(database, bursts=1)
    run = await begun(database)
    late = await one_sent_by(database, run)
    async with database.transaction() as transaction:
        await put_back(transaction, "c", run, late, "stalled")
    again = await one_sent_by(database, run)
    assert again.attempt == 2
    assert not await counted(database, run, late)
    assert await counted(database, run, again)
    assert (await progress_of(database)).resubmitted == 1


async def test_a_newer_run_ends_the_right_of_the_older_one(database: Database) -> None:
    await submitted(database, bursts=1)
    old = await begun(database)
    late = await one_sent_by(database, old)
    new = await begun(database)
    assert await sent_by(database, old) is None
    assert not await counted(database, old, late)
    again = await one_sent_by(database, new)
    assert await counted(database, new, again)


async def test_chunks_of_an_engine_that_is_gone_are_sent_again(database: Database) -> None:
    await submitted(database, bursts=1)
    run = await begun(database)
    lost = await one_sent_by(database, run)
    async with database.transaction() as transaction:
        await take_back(transaction, "c", run)
    assert (await one_sent_by(database, run)).chunk == lost.chunk
    assert not await counted(database, run, lost)


async def test_a_cancelled_campaign_sends_nothing(database: Database) -> None:
    await submitted(database)
    run = await begun(database)
    async with database.transaction() as transaction:
        assert await cancel_campaign(transaction, "c")
        assert not await cancel_campaign(transaction, "c")
    assert await sent_by(database, run) is None
    assert (await progress_of(database)).state is CampaignState.CANCELLED


async def test_failures_are_counted_by_kind_and_computed_again_on_demand(
    database: Database,
) -> None:
    await submitted(database, bursts=1)
    run = await begun(database)
    wrong = ItemFailure(0, "b0", FailureKind.INPUT, "no events")
    assert await counted(
        database, run, await one_sent_by(database, run), ChunkOutcome(failures=(wrong,))
    )
    assert (await progress_of(database)).failures == {"input": 1}
    assert await failures_of(database) == [wrong]
    async with database.transaction() as transaction:
        again = await begin_run(transaction, "c", failed_again=True)
    assert await failures_of(database) == []
    assert await counted(database, again, await one_sent_by(database, again))


async def test_what_another_campaign_computed_is_found_by_its_key(database: Database) -> None:
    await submitted(database, bursts=1)
    run = await begun(database)
    sent = await one_sent_by(database, run)
    async with database.transaction() as transaction:
        assert await computed_part(transaction, sent) is None
    assert await counted(database, run, sent)
    await submitted(database, "d", bursts=1)
    run = await begun(database, "d")
    sent = await one_sent_by(database, run, "d")
    async with database.transaction() as transaction:
        part = await computed_part(transaction, sent)
        assert part is not None
        assert (part.folder, part.part_sha256) == ("/results", SHA256)
        assert await count_reused(transaction, "d", run, sent, part)
    assert (await progress_of(database, "d")).reused == 2


async def test_names_are_unique_and_a_campaign_has_bursts(database: Database) -> None:
    await submitted(database)
    with pytest.raises(InputError, match="there is a campaign c already"):
        await submitted(database)
    with pytest.raises(InputError, match="no burst"):
        await submitted(database, "empty", bursts=0)
    with pytest.raises(InputError, match="no campaign empty"):
        await progress_of(database, "empty")
