"""The address of a database server, with the login."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from eclgrmd.errors import FatalError

__all__ = ["Address", "parse_address"]

_PORT = 3306
"""The registered port of MySQL and MariaDB."""
_RULE = "must be mysql://user@host:port/name"


class Address(NamedTuple):
    """The address of a database and the login for it."""

    user: str
    """Name of the login."""
    database: str
    """Name of the database on the server."""
    host: str = "localhost"
    """Host name or IP address of the server."""
    port: int = _PORT
    """TCP port of the server; unused with `unix_socket`."""
    unix_socket: str | None = None
    """Path of the server's socket; None: connect by TCP."""
    password: str | None = None
    """Password of the login; None: without a password."""
    ca_file: Path | None = None
    """Certificate authority that signed the server's certificate; None: connect without TLS."""


def parse_address(url: str, password: str | None, ca_file: Path | None = None) -> Address:
    """Read `mysql://user@host:port/name?unix_socket=PATH`.

    Raises
    ------
    FatalError
        If the URL has another form, or lacks the user or the database.
    """
    try:
        parts = urlsplit(url)
        name, port = parts.path.strip("/"), parts.port or _PORT
    except ValueError as error:
        raise FatalError(f"database url {url!r}: {_RULE} ({error})") from error
    if not parts.username or not name:
        raise FatalError(f"database url {url!r}: {_RULE}")
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
