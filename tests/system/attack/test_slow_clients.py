"""Clients that send headers and bodies drop by drop keep nobody else waiting."""

import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from eclgrmd.model.access import Role
from tests.support.attack import Door
from tests.support.limits import LIMIT_S

EACH = 100
MOST_BODIES = 32
HEADERS = b"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BODY = (
    "POST /api/v1/task HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
)


@contextmanager
def dripping(door: Door, beginning: bytes) -> Iterator[list[socket.socket]]:
    """Open connections that have each sent the beginning of a request."""
    with ExitStack() as stack:
        found = []
        for _ in range(EACH):
            connection = stack.enter_context(socket.create_connection((door.host, door.port)))
            connection.settimeout(LIMIT_S)
            connection.sendall(beginning)
            found.append(connection)
        yield found


def still_open(connections: list[socket.socket]) -> int:
    """Return how many connections the server has neither answered nor closed."""
    ready, _, _ = select.select(connections, (), (), 0)
    return len(connections) - len(ready)


def first_to_end(connections: list[socket.socket], number: int) -> list[socket.socket]:
    """Wait until so many connections have been answered or closed, and return these."""
    while len(ready := select.select(connections, (), (), LIMIT_S)[0]) < number:
        time.sleep(0.05)
    return ready[:number]


def cut(connection: socket.socket) -> bool:
    """Wait for the end of a connection; return whether its request had no success."""
    said = b""
    while piece := connection.recv(1000):
        said += piece
    return not said or said.startswith(b"HTTP/1.1 408 ")


def test_two_hundred_slow_ones_keep_a_fast_one_not_waiting(
    door: Door, tokens: dict[Role, str]
) -> None:
    body = BODY.format(token=tokens[Role.SCIENTIST]).encode()
    with dripping(door, body) as bodies, dripping(door, HEADERS) as headers:
        time.sleep(1.0)  # so that the bodies prove slow
        read = door.ask("GET", "/api/v1/status", token=tokens[Role.READER])
        sent = door.ask(
            *("POST", "/api/v1/task", "{}"),
            token=tokens[Role.SCIENTIST],
            Content_Type="application/json",
        )
        still = still_open(headers)
        assert read.status == 200
        assert sent.status == 422
        assert still == EACH
        # A body of the same client came, so that all but a few slow ones are cut at once.
        assert sum(map(cut, first_to_end(bodies, EACH - MOST_BODIES))) == EACH - MOST_BODIES
        # In the end all are, however long they would have gone on.
        assert all(map(cut, headers))
        assert all(map(cut, bodies))
