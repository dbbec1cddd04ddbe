"""A key belongs to one request, whichever daemon it came to."""

from datetime import timedelta

from eclgrmd.clock import utc_now
from eclgrmd.store.access.kept_answers import (
    KeptAnswer,
    claim_key,
    forget_answers,
    keep_answer,
    release_key,
    release_keys_of,
)
from eclgrmd.store.sql.database import Database

ANSWER = KeptAnswer(
    request_size=3,
    request_sha256="1" * 64,
    status=201,
    headers={"Location": "/x"},
    body='{"name": "Γ"}',
)


async def claim(
    database: Database, name: str, *, owner: str = "me", lease_s: float = 60.0
) -> KeptAnswer | None:
    async with database.transaction() as transaction:
        return await claim_key(transaction, "k", claim=name, owner=owner, lease_s=lease_s)


async def keep(database: Database, name: str) -> None:
    async with database.transaction() as transaction:
        keep_answer(transaction, "k", name, ANSWER)


async def test_a_second_daemon_waits_and_then_gets_the_answer(database: Database) -> None:
    assert await claim(database, "a") is None
    second = await claim(database, "b", owner="other")
    assert second is not None
    assert second.status is None
    await keep(database, "a")
    assert await claim(database, "c", owner="other", lease_s=0.0) == ANSWER


async def test_a_lost_request_is_taken_over_and_its_late_answer_ignored(
    database: Database,
) -> None:
    assert await claim(database, "a") is None
    assert await claim(database, "b", lease_s=0.0) is None
    await keep(database, "a")
    still = await claim(database, "c")
    assert still is not None
    assert still.status is None
    await keep(database, "b")
    assert await claim(database, "c") == ANSWER


async def test_a_failed_request_and_an_ended_daemon_free_their_keys(database: Database) -> None:
    assert await claim(database, "a") is None
    async with database.transaction() as transaction:
        release_key(transaction, "k", "a")
    assert await claim(database, "b") is None
    async with database.transaction() as transaction:
        release_keys_of(transaction, "other")
    assert await claim(database, "c") is not None
    async with database.transaction() as transaction:
        release_keys_of(transaction, "me")
    assert await claim(database, "c") is None
    await keep(database, "c")
    async with database.transaction() as transaction:
        release_keys_of(transaction, "me")
        release_key(transaction, "k", "c")
    assert await claim(database, "d") == ANSWER


async def test_old_answers_are_forgotten(database: Database) -> None:
    assert await claim(database, "a") is None
    async with database.transaction() as transaction:
        assert await forget_answers(transaction, utc_now() - timedelta(days=1), 10) == 0
        assert await forget_answers(transaction, utc_now() + timedelta(days=1), 10) == 1
    assert await claim(database, "b") is None
