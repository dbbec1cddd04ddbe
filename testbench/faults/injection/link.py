"""How one daemon of several reaches the common servers: as an ordinary user, over proxies."""

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
    """The proxies of one daemon, and the settings that lead over them."""

    database: Proxy
    nats: Proxy
    settings: dict[str, str]


async def make_user(mariadb: PrivateMariaDB) -> None:
    """Make a user who owns the database and nothing else, and so obeys its being read-only."""
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
    """Have the proxies of a daemon while inside."""

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
            "ECLGRMD_DATABASE_URL": f"mysql://{_USER}@/eclgrmd?unix_socket={path}",
            "ECLGRMD_NATS_URL": f"nats://127.0.0.1:{port}",
        }
        try:
            yield Link(database, bus, settings)
        finally:
            for proxy in (database, bus):
                proxy.heal()
                proxy.close()
