"""A study is claimed once, ends once, and begins anew where its daemon was lost."""

import asyncio

from eclgrmd.hints import Hints
from eclgrmd.model.pipeline import ProductFile
from eclgrmd.model.study.work import StudyKind, StudyState
from eclgrmd.model.task import FiguresState
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.products import product
from eclgrmd.store.tasks.studies import (
    StudyClaim,
    StudyRow,
    ask_study,
    claim_study,
    finish_study,
    give_back_study,
    note_study_progress,
    study,
    take_back_studies,
)
from eclgrmd.tasks.study_leases import StudyLeases
from tests.store.tasks.test_figures import have_result
from tests.support.settings import live

LEASE_S = 1.0
FILE = ProductFile("coverage.json", "study", "application/json", 10, "3" * 64)


async def ask(database: Database, number: int = 300) -> bool:
    async with database.transaction() as transaction:
        return await ask_study(transaction, "t1", StudyKind.COVERAGE, number, 1)


async def claimed(database: Database, owner: str = "node") -> StudyClaim | None:
    async with database.transaction() as transaction:
        return await claim_study(transaction, owner)


async def now(database: Database) -> StudyRow:
    async with database.transaction() as transaction:
        row = await study(transaction, "t1", StudyKind.COVERAGE)
    assert row is not None
    return row


async def finish(database: Database, claim: StudyClaim, file: ProductFile = FILE) -> bool:
    async with database.transaction() as transaction:
        return await finish_study(transaction, claim, file, "products/t1.1")


async def test_a_study_is_computed_once_and_its_result_replaces_the_last_one(
    database: Database,
) -> None:
    await have_result(database, "t1", FiguresState.NONE)
    assert await ask(database)
    assert not await ask(database)
    claim = await claimed(database)
    assert claim is not None
    assert (claim.burst_id, await claim.steps.value()) == ("sb1", "products/t1.1/steps.msgpack")
    assert [row.name for row in await claim.files.rows()] == ["a.fits"]
    assert await claimed(database) is None
    async with database.transaction() as transaction:
        assert await note_study_progress(transaction, claim.row, 0.5)
    assert ((await now(database)).state, (await now(database)).progress) == ("running", 0.5)
    assert await finish(database, claim)
    assert await finish(database, claim)
    assert (await now(database)).state is StudyState.DONE
    assert not await ask(database)

    assert await ask(database, 1000)
    second = await claimed(database)
    assert second is not None
    assert await finish(
        database, second, ProductFile("coverage.json", "study", "x/y", 11, "4" * 64)
    )
    async with database.transaction() as transaction:
        row = await product(transaction, "t1", "coverage.json")
    assert row is not None
    assert row.size == 11


async def test_who_is_outdated_changes_nothing(database: Database) -> None:
    await have_result(database, "t1", FiguresState.NONE)
    await ask(database)
    old = await claimed(database)
    assert old is not None
    assert await ask(database, 50)
    assert not await finish(database, old)
    async with database.transaction() as transaction:
        assert not await note_study_progress(transaction, old.row, 0.9)
        assert not await give_back_study(transaction, old.row, StudyState.FAILED, "late")
    found = await now(database)
    assert (found.state, found.number, found.progress) == (StudyState.QUEUED, 50, 0.0)


async def test_a_failed_study_can_be_asked_for_again(database: Database) -> None:
    await have_result(database, "t1", FiguresState.NONE)
    await ask(database)
    claim = await claimed(database)
    assert claim is not None
    async with database.transaction() as transaction:
        assert await give_back_study(
            transaction, claim.row, StudyState.FAILED, "killed", fault=True
        )
    found = await now(database)
    assert (found.state, found.reason, found.faults) == (StudyState.FAILED, "killed", 1)
    assert await ask(database)
    assert ((await now(database)).state, (await now(database)).faults) == (StudyState.QUEUED, 0)


async def test_what_a_daemon_had_begun_waits_again_after_its_restart(database: Database) -> None:
    await have_result(database, "t1", FiguresState.NONE)
    await ask(database)
    claim = await claimed(database, "lost")
    assert claim is not None
    async with database.transaction() as transaction:
        await take_back_studies(transaction, "other")
    assert await claimed(database) is None
    async with database.transaction() as transaction:
        await take_back_studies(transaction, "lost")
    assert not await finish(database, claim)
    assert await claimed(database) is not None


def leases(database: Database, owner: str) -> StudyLeases:
    return StudyLeases(database, Hints(), live(tasks={"lease_s": LEASE_S}), owner=owner)


async def test_a_study_whose_daemon_never_comes_back_is_computed_by_another(
    database: Database,
) -> None:
    await have_result(database, "t1", FiguresState.NONE)
    await ask(database)
    claim = await claimed(database, "lost")
    assert claim is not None
    here = leases(database, "here")
    await here.look()
    await here.look()
    assert await claimed(database, "here") is None
    await asyncio.sleep(1.2 * LEASE_S)
    await here.look()
    assert not await finish(database, claim)
    assert await claimed(database, "here") is not None


async def test_a_study_that_is_renewed_stays_with_its_daemon(database: Database) -> None:
    await have_result(database, "t1", FiguresState.NONE)
    await ask(database)
    claim = await claimed(database, "there")
    assert claim is not None
    here, there = leases(database, "here"), leases(database, "there")
    for _ in range(8):
        await there.look()
        await here.look()
        await asyncio.sleep(LEASE_S / 4)
    assert await claimed(database, "here") is None
    assert await finish(database, claim)
