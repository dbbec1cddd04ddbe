"""Connections that the server kills are replaced, and errors say what to do."""

import asyncio
from pathlib import Path

import pytest

from eclgrmd.errors import FatalError, InputError, TransientError
from eclgrmd.store.sql.address import Address, parse_address
from eclgrmd.store.sql.database import Database


async def test_connections_killed_by_the_server_are_replaced(database: Database) -> None:
    async def use() -> None:
        async with database.transaction() as transaction:
            await transaction.row(dict, "SELECT SLEEP(0.4)")

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(use())
    async with database.transaction() as transaction:
        me = await transaction.row(dict, "SELECT CONNECTION_ID() AS id, DATABASE() AS name")
        assert me is not None
        others = await transaction.rows(
            dict,
            "SELECT id FROM information_schema.processlist WHERE db = %(name)s AND id != %(id)s",
            **me,
        )
        for other in others:
            await transaction.execute(f"KILL {int(other['id'])}")
    assert len(others) == 3
    await asyncio.sleep(0.1)
    for _ in range(5):
        await use()


async def test_what_is_asked_together_is_answered_each_and_at_the_latest_by_the_commit(
    database: Database,
) -> None:
    async with database.transaction() as transaction:
        first = transaction.ask(dict, "SELECT 1 AS one UNION SELECT 2 ORDER BY one")
        transaction.later("INSERT INTO burst (burst_id, created_at) VALUES ('x', NOW(6))")
        touched = transaction.ask(dict, "UPDATE burst SET t0_met_s = 1.0")
        last = transaction.ask(dict, "SELECT burst_id FROM burst")
        assert await last.row() == {"burst_id": "x"}
        assert await first.rows() == [{"one": 1}, {"one": 2}]
        assert await touched.touched() == 1
        late = transaction.ask(dict, "SELECT t0_met_s FROM burst WHERE burst_id = %(id)s", id="y")
    assert await late.row() is None
    with pytest.raises(LookupError, match="the transaction of this query has ended"):
        await transaction.row(dict, "SELECT 1")


async def test_a_text_comes_back_as_it_was(database: Database) -> None:
    text = "".join(map(chr, range(256))) + "\\' \\\\' %s %(id)s -- ; \u2028 \U0001f30c \\"
    async with database.transaction() as transaction:
        row = await transaction.row(
            dict, "SELECT %(text)s AS text, LENGTH(%(text)s) AS bytes", text=text
        )
    assert row == {"text": text, "bytes": len(text.encode())}


async def test_texts_in_a_list_come_back_as_they_were(database: Database) -> None:
    names = ("\\", "'", "') OR 1 = 1 -- ", "\u2028\U0001f30c", "%s %(names)s", '"')
    async with database.transaction() as transaction:
        for name in (*names, "another"):
            transaction.later(
                "INSERT INTO burst (burst_id, created_at) VALUES (%(name)s, NOW(6))", name=name
            )
        rows = await transaction.rows(
            dict, "SELECT burst_id FROM burst WHERE burst_id IN %(names)s", names=names
        )
    assert {row["burst_id"] for row in rows} == set(names)


async def test_half_a_pair_of_surrogates_is_kept_as_its_number(database: Database) -> None:
    async with database.transaction() as transaction:
        row = await transaction.row(dict, "SELECT %(name)s AS name", name="a\udcff.fits")
    assert row == {"name": "a\\udcff.fits"}


async def test_many_rows_are_inserted_as_they_are(database: Database) -> None:
    names = [f"it's % {number} \\" for number in range(1200)]
    async with database.transaction() as transaction:
        await transaction.insert_all(
            "INSERT INTO burst (burst_id, created_at) VALUES (%(name)s, NOW(6))",
            [{"name": name} for name in names],
        )
        rows = await transaction.rows(dict, "SELECT burst_id FROM burst")
    assert sorted(row["burst_id"] for row in rows) == sorted(names)


@pytest.mark.parametrize("name", ["a`b", "a b", "a;b", "é", "x" * 65])
async def test_a_name_that_needs_quoting_is_refused(name: str, address: Address) -> None:
    database = Database(address._replace(database=name), pool_size=1, timeout_s=5.0)
    with pytest.raises(InputError, match="is no name of a database, table or column"):
        await database.open()


async def test_an_error_rolls_everything_back(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as transaction:
            await transaction.execute(
                "INSERT INTO burst (burst_id, created_at) VALUES ('x', NOW(6))"
            )
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the one just raised
        await fail()
    async with database.transaction() as transaction:
        assert await transaction.rows(dict, "SELECT * FROM burst") == []


async def test_a_statement_that_hangs_ends_in_a_transient_error(address: Address) -> None:
    database = Database(address, pool_size=1, timeout_s=0.3)
    await database.open()

    async def hang() -> None:
        async with database.transaction() as transaction:
            await transaction.row(dict, "SELECT SLEEP(5)")

    with pytest.raises(TransientError, match="no answer in time"):
        await hang()
    async with database.transaction() as transaction:
        assert await transaction.row(dict, "SELECT 1 AS one") == {"one": 1}
    await database.close()


async def test_a_statement_that_the_server_breaks_off_is_tried_again(database: Database) -> None:
    async def count() -> None:
        async with database.transaction() as transaction:
            await transaction.row(
                dict,
                "SET STATEMENT max_statement_time = 0.1 FOR "
                "SELECT SUM(SQRT(seq)) FROM seq_1_to_1000000000",
            )

    with pytest.raises(TransientError, match="max_statement_time"):
        await count()


async def test_no_server_is_a_transient_error() -> None:
    database = Database(
        Address("nobody", "x", unix_socket="/nonexistent"), pool_size=1, timeout_s=1.0
    )
    with pytest.raises(TransientError):
        await database.open()


def test_an_address_is_read_from_its_url() -> None:
    address = parse_address("mysql://grm@db.example:3307/burst", "pw", Path("/ca.pem"))
    assert address == Address("grm", "burst", "db.example", 3307, None, "pw", Path("/ca.pem"))


@pytest.mark.parametrize(
    "url",
    [
        "mysql://host/",
        "mysql://host/name",
        "mysql://user@host",
        "mysql://user@host:99999/name",
        "mysql://user@host:port/name",
        "mysql://user@[::1/name",
        "mysql://user@[x]/name",
    ],
)
def test_an_incomplete_address_says_what_is_right(url: str) -> None:
    with pytest.raises(FatalError, match="must be mysql://user@host:port/name"):
        parse_address(url, None)
