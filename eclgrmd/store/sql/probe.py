"""Table `probe`: a health check that the database stores rows and that all tables exist."""

import re
from functools import cache

from eclgrmd.clock import utc_now
from eclgrmd.errors import TransientError

from .database import Database
from .identifiers import identifier
from .migrate import migrations

__all__ = ["prove_database"]


async def prove_database(database: Database, owner: str) -> None:
    """Write and commit a row, read it back, and query every table.

    Raises
    ------
    TransientError
        If any of this fails. For a missing or damaged table the message says how to restore it.
    """
    await database.check()
    async with database.transaction() as transaction:
        transaction.later(
            "INSERT INTO probe (owner, beats, at) VALUES (%(owner)s, 1, %(now)s) "
            "ON DUPLICATE KEY UPDATE beats = beats + 1, at = %(now)s",
            owner=owner,
            now=utc_now(),
        )
    async with database.reading() as transaction:
        written = transaction.ask(
            int, "SELECT beats FROM probe WHERE owner = %(owner)s", owner=owner
        )
        for table in _tables():
            transaction.ask(int, f"SELECT 1 FROM {identifier(table)} LIMIT 1")
        if await written.value() is None:
            raise TransientError("database: a committed row of the table `probe` is missing")


@cache
def _tables() -> tuple[str, ...]:
    """Return the names of the tables that the migrations create."""
    made = (re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", text) for _, _, text in migrations())
    return tuple(dict.fromkeys(name for names in made for name in names))
