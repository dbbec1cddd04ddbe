"""A REST server on a socket that systemd holds can be restarted without any client noticing."""

import asyncio
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest

from eclgrmd.api.server import RestServer
from eclgrmd.api.services import Services
from eclgrmd.metrics import Metrics
from tests.support.settings import live

CLIENTS = 8
REQUEST = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture
def held() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        yield listener


def new_server(settings: dict[str, Any] | None = None, **parts: object) -> RestServer:
    """Return a server for requests that need no other part of the daemon than these."""
    services = SimpleNamespace(
        settings=live(**(settings or {})), metrics=Metrics(), tokens=None, **parts
    )
    return RestServer(cast(Services, services))


async def test_a_socket_of_systemd_counts_as_the_network(held: socket.socket) -> None:
    """Whoever reaches it needs a token, although it connects from this machine."""
    server = new_server()
    await server.start(held.dup())
    request = REQUEST.replace(b"/health/live", b"/api/v1/status")
    client = ask(held.getsockname(), request)
    answer = await asyncio.to_thread(first_bytes, client)
    await server.stop()
    assert answer == b"HTTP/1.1 401"


@pytest.mark.parametrize("by_systemd", [True, False])
async def test_a_stranger_is_not_told_why_a_server_is_away(
    held: socket.socket, by_systemd: bool
) -> None:
    fault = "the server refuses the login of grm@db.example.org"
    report = {"ready": False, "database": {"ok": False, "fault": fault}}
    health = SimpleNamespace(ready=False, report=lambda: report)
    server = new_server({"rest": {"port": 0}}, health=health)
    await server.start(held.dup() if by_systemd else None)
    url = f"{server.url}/health/ready"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        told = await answer.json()
    await server.stop()
    assert answer.status == 503
    assert told["database"]["ok"] is False
    assert (told["database"]["fault"] == fault) is not by_systemd


def ask(address: tuple[str, int], request: bytes = REQUEST) -> socket.socket:
    """Connect and send a request; the kernel completes both, even if the server is not running."""
    client = socket.create_connection(address, timeout=30.0)
    client.sendall(request)
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
