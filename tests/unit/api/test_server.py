"""A REST server on a socket that systemd holds can be restarted without any client noticing."""

import asyncio
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest

from eclgrmd.api.server import RestServer
from eclgrmd.api.services import Services
from eclgrmd.metrics import Metrics
from tests.support.settings import live

CLIENTS = 8
REQUEST = b"GET /health/live HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"


@pytest.fixture
def held() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        yield listener


def new_server() -> RestServer:
    """Return a server for requests that need no other part of the daemon."""
    services = SimpleNamespace(settings=live(), metrics=Metrics())
    return RestServer(cast(Services, services))


def ask(address: tuple[str, int]) -> socket.socket:
    """Connect and send a request; the kernel completes both, even if the server is not running."""
    client = socket.create_connection(address, timeout=30.0)
    client.sendall(REQUEST)
    return client


def first_bytes(client: socket.socket) -> bytes:
    with client:
        return client.recv(12)


@pytest.mark.parametrize("turns", range(6))
async def test_who_connects_as_it_stops_is_served_by_it_or_by_the_next(
    held: socket.socket, turns: int
) -> None:
    server = new_server()
    await server.start(held.dup())
    clients = [ask(held.getsockname()) for _ in range(CLIENTS)]
    for _ in range(turns):  # of the event loop: they are being accepted
        await asyncio.sleep(0)
    assert await server.stop()
    server = new_server()
    await server.start(held.dup())
    answers = [await asyncio.to_thread(first_bytes, client) for client in clients]
    await server.stop()
    assert answers == [b"HTTP/1.1 200"] * CLIENTS
