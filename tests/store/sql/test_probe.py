"""The database check passes only if a row can be written and read, and all tables exist."""

import pymysql
import pytest

from eclgrmd.errors import FatalError, PermanentError, TransientError
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.driver_errors import DamagedError, wrapped
from eclgrmd.store.sql.migrate import migrate
from eclgrmd.store.sql.probe import prove_database


async def execute(database: Database, sql: str) -> None:
    async with database.transaction() as transaction:
        await transaction.execute(sql)


async def test_a_database_proves_itself_again_and_again(database: Database) -> None:
    for _ in range(3):
        await prove_database(database, "me")
    await prove_database(database, "other")
    async with database.reading() as reading:
        rows = await reading.rows(dict, "SELECT owner, beats FROM probe ORDER BY owner")
    assert rows == [{"owner": "me", "beats": 3}, {"owner": "other", "beats": 1}]


@pytest.mark.parametrize("table", ["packet", "outbox", "probe", "task_log"])
async def test_a_missing_table_is_told_with_what_to_do(database: Database, table: str) -> None:
    await execute(database, f"DROP TABLE {table}")
    with pytest.raises(DamagedError, match=rf"(?s)damaged.*{table}.*eclgrmd restore"):
        await prove_database(database, "me")


async def test_tables_that_are_not_what_their_number_says_end_the_start_in_a_sentence(
    database: Database,
) -> None:
    await execute(database, "DELETE FROM schema_version WHERE version > 1")
    with pytest.raises(FatalError, match=r"cannot be migrated.*eclgrmd restore"):
        await migrate(database)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (pymysql.err.ProgrammingError(1146, "Table 'x.y' doesn't exist"), DamagedError),
        (pymysql.err.ProgrammingError(1932, "Table doesn't exist in engine"), DamagedError),
        (pymysql.err.InternalError(1712, "Index y is corrupted"), DamagedError),
        (pymysql.err.OperationalError(1877, "Table is corrupted"), DamagedError),
        (pymysql.err.OperationalError(1030, 'Got error 194 "Tablespace is missing"'), DamagedError),
        (pymysql.err.OperationalError(1030, 'Got error 28 "No space left"'), TransientError),
        (pymysql.err.DataError(1406, "Data too long"), PermanentError),
    ],
)
def test_what_the_server_says_tells_what_to_do(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind) as told, wrapped():
        raise error
    assert type(told.value) is kind
