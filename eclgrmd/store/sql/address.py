"""Where a database is, and how to connect to it."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from eclgrmd.errors import FatalError

__all__ = ["Address", "parse_address"]

_PORT = 3306
_RULE = "must be mysql://user@host:port/name"


class Address(NamedTuple):
    """Where the database is and who we are to it."""

    user: str
    database: str
    host: str = "localhost"
    port: int = _PORT
    unix_socket: str | None = None
    password: str | None = None
    ca_file: Path | None = None
    """Certificate authority: given, the connection is TLS and the server's name is checked."""


def parse_address(url: str, password: str | None, ca_file: Path | None = None) -> Address:
    """Read `mysql://user@host:port/name?unix_socket=PATH`.

    Raises
    ------
    FatalError
        When it is no such address, or lacks a part that is needed.
    """
    try:
        parts = urlsplit(url)
        name, port = parts.path.strip("/"), parts.port or _PORT
    except ValueError as error:
        raise FatalError(f"database.url = {url!r}: {_RULE} ({error})") from error
    if not parts.username or not name:
        raise FatalError(f"database.url = {url!r}: {_RULE}")
    query = parse_qs(parts.query)
    return Address(
        user=unquote(parts.username),
        database=unquote(name),
        host=parts.hostname or "localhost",
        port=port,
        unix_socket=query.get("unix_socket", [None])[0],
        password=password,
        ca_file=ca_file,
    )
