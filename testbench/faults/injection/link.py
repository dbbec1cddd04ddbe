"""Connects one of several daemons to the shared servers: as an ordinary user, through proxies."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiomysql

from eclgrmd.embedded import PrivateMariaDB, PrivateNats

from .proxy import Proxy, Streams

__all__ = ["Link", "make_user", "open_link"]

_USER = "grm"


@dataclass(frozen=True, slots=True)
class Link:
    """Proxies of one daemon, and the settings that point to them."""

    database: Proxy
    """Proxy in front of MariaDB."""
    nats: Proxy
    """Proxy in front of NATS."""
    settings: dict[str, str]
    """Environment variables of the daemon."""


async def make_user(mariadb: PrivateMariaDB) -> None:
    """Create a database user without SUPER, whom `read_only` therefore stops."""
    connection = await aiomysql.connect(
        unix_socket=str(mariadb.unix_socket), user=mariadb.user, autocommit=True
    )
    try:
        async with connection.cursor() as cursor:
            await cursor.execute(f"CREATE USER {_USER}@localhost")
            await cursor.execute(f"GRANT ALL ON eclgrmd.* TO {_USER}@localhost")
    finally:
        connection.close()


@asynccontextmanager
async def open_link(mariadb: PrivateMariaDB, nats: PrivateNats) -> AsyncIterator[Link]:
    """Run the proxies of a daemon while the context is open."""

    async def to_mariadb() -> Streams:
        return await asyncio.open_unix_connection(mariadb.unix_socket)

    async def to_nats() -> Streams:
        port = int(nats.bare_url.rpartition(":")[2])
        return await asyncio.open_connection("127.0.0.1", port)

    database, bus = Proxy(to_mariadb), Proxy(to_nats)
    with tempfile.TemporaryDirectory(prefix="eclgrmd-link-") as folder:
        path = Path(folder) / "mariadb.sock"
        await database.listen_on_socket(path)
        port = await bus.listen_on_port()
        settings = {
            "ECLGRMD_REST_OPEN_LOOPBACK": "on",
            "ECLGRMD_DATABASE_URL": f"mysql://{_USER}@/eclgrmd?unix_socket={path}",
            "ECLGRMD_NATS_URL": f"nats://127.0.0.1:{port}",
        }
        try:
            yield Link(database, bus, settings)
        finally:
            for proxy in (database, bus):
                proxy.heal()
                proxy.close()
