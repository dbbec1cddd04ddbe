"""Clients that send headers and bodies drop by drop keep nobody else waiting."""

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from eclgrmd.model.access import Role
from tests.support.attack import Door
from tests.support.limits import LIMIT_S

EACH = 100
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
        answer = door.ask("GET", "/api/v1/status", token=tokens[Role.READER])
        still = still_open([*bodies, *headers])
        assert answer.status == 200
        assert still == 2 * EACH
        # In the end they are cut, however long they would have gone on.
        assert all(map(cut, headers))
        assert all(map(cut, bodies))
