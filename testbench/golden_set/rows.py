"""The tables of the daemon's private database and their rows."""

import getpass
import json
import re
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

import pymysql
from pymysql.cursors import DictCursor

__all__ = ["Database"]

_NEXT_ROW = re.compile(r" AUTO_INCREMENT=\d+")


class Database:
    """Reads the database of a running daemon."""

    def __init__(self, socket: Path, database: str = "eclgrmd") -> None:
        self._connection = pymysql.connect(
            unix_socket=str(socket),
            user=getpass.getuser(),
            database=database,
            cursorclass=DictCursor,
            autocommit=True,
        )
        self._free = Lock()
        """Guards the connection, which only one thread at a time may use."""

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        with self._free, self._connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def execute(self, sql: str, *values: object) -> None:
        """Change rows in a way that no client of the daemon can."""
        with self._free, self._connection.cursor() as cursor:
            cursor.execute(sql, values)

    def tables(self) -> dict[str, str]:
        """Return the CREATE statement of each table, without the number of its next row."""
        return {name: _NEXT_ROW.sub("", self._statement(name)) for name in self._names()}

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Return all rows of all tables, with JSON columns decoded."""
        return {
            name: [
                {key: _plain(value) for key, value in row.items()}
                for row in self.rows(f"SELECT * FROM `{name}`")  # noqa: S608 (names that the database listed)
            ]
            for name in self._names()
        }

    def _names(self) -> list[str]:
        return sorted(str(next(iter(row.values()))) for row in self.rows("SHOW TABLES"))

    def _statement(self, name: str) -> str:
        return str(self.rows(f"SHOW CREATE TABLE `{name}`")[0]["Create Table"])


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case Decimal():
            return float(value)
        case bytes():
            return f"sha256 {sha256(value).hexdigest()}"
        case str() if value[:1] in {"{", "["}:
            return _decoded(value)
        case _:
            return value


def _decoded(text: str) -> Any:
    """Decode a JSON document, or several on lines of their own."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in text.splitlines()]
    except ValueError:
        return text
