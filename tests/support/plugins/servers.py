"""Real servers for tests, started once per session as the daemon starts them."""

import asyncio
from collections.abc import Iterator
from typing import TypeVar

import pytest

from eclgrmd.embedded import PrivateMariaDB, PrivateNats, PrivateServer

__all__ = ["mariadb", "nats"]

Server = TypeVar("Server", bound=PrivateServer)


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateMariaDB]:
    """A running MariaDB: connect to its `unix_socket` as `user`."""
    yield from _running(PrivateMariaDB(tmp_path_factory.mktemp("servers", numbered=True)))


@pytest.fixture(scope="session")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateNats]:
    """A running NATS server with JetStream at `url`."""
    yield from _running(PrivateNats(tmp_path_factory.mktemp("servers", numbered=True)))


def _running(server: Server) -> Iterator[Server]:
    # A loop of its own: it outlives the loops of the tests, and does not become the current one.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(server.start())
        yield server
        runner.run(server.stop())
