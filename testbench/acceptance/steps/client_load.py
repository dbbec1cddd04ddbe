"""Clients that keep the REST interface busy and count how their requests end.

Every request has a connection of its own, so it ends in exactly one of these ways: answered;
deferred (503 with Retry-After); refused, because nothing listens; or dropped, that is, accepted and
then left without a complete response. Only the last is a fault of the daemon.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp

from testbench.rest_session import rest_session

__all__ = ["Load", "Tally"]

_PAUSE_S = 0.02
"""Pause of a client between two requests, seconds."""


@dataclass(slots=True)
class Tally:
    """Counts of requests by how they ended."""

    ends: Counter[str] = field(default_factory=Counter)
    """Number of requests, by: answered, deferred, refused, dropped, wrong."""
    faults: list[str] = field(default_factory=list)
    """One sentence for each dropped request or wrong response."""

    def __str__(self) -> str:
        return (
            f"{self.ends['answered']} answered, {self.ends['deferred']} deferred, "
            f"{self.ends['refused']} refused while the daemon was down, "
            f"{self.ends['dropped']} dropped"
        )

    def fault(self, end: str, text: str) -> None:
        """Count a request that was dropped or answered wrongly."""
        self.ends[end] += 1
        self.faults.append(text)


class Load:
    """Requests from several clients at the same time, until told to end.

    Parameters
    ----------
    base_url
        The REST interface.
    paths
        Paths to get, in turn.
    task
        A task that the daemon knows (JSON), sent repeatedly. Empty: none.
    clients
        Number of clients.
    """

    def __init__(
        self, base_url: str, paths: tuple[str, ...], *, task: bytes = b"", clients: int = 4
    ) -> None:
        self._base_url = base_url
        self._requests = [("GET", path, b"") for path in paths]
        if task:
            self._requests.append(("POST", "/api/v1/task", task))
        self._clients = clients
        self._stop = asyncio.Event()
        self.tally = Tally()

    def end(self) -> None:
        """Stop the clients after their current requests."""
        self._stop.set()

    async def run(self) -> None:
        """Send requests until `end` is called."""
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        limit = aiohttp.ClientTimeout(total=30.0)
        async with (
            rest_session(connector=connector, timeout=limit) as session,
            asyncio.TaskGroup() as group,
        ):
            for number in range(self._clients):
                group.create_task(self._client(session, number), name=f"load client {number}")

    async def _client(self, session: aiohttp.ClientSession, number: int) -> None:
        step = number
        while not self._stop.is_set():
            await self._ask(session, *self._requests[step % len(self._requests)])
            step += 1
            await asyncio.sleep(_PAUSE_S)

    async def _ask(
        self, session: aiohttp.ClientSession, method: str, path: str, body: bytes
    ) -> None:
        try:
            url = f"{self._base_url}{path}"
            async with session.request(method, url, data=body or None) as answer:
                await answer.read()
                self._count(path, answer)
        except aiohttp.ClientConnectorError:
            self.tally.ends["refused"] += 1
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            self.tally.fault("dropped", f"{method} {path}: {type(error).__name__} {error}")

    def _count(self, what: str, answer: aiohttp.ClientResponse) -> None:
        reports_state = what == "/health/ready" and answer.status == 503
        if answer.status < 300 or reports_state:
            self.tally.ends["answered"] += 1
        elif answer.status == 503 and "Retry-After" in answer.headers:
            self.tally.ends["deferred"] += 1
        else:
            self.tally.fault("wrong", f"{answer.method} {what}: status {answer.status}")

    async def slow_upload(
        self, burst_id: str, name: str, content: bytes, sha256: str, *, over_s: float
    ) -> int:
        """Upload a file slowly, so that the upload is in progress when the daemon stops.

        Returns
        -------
        status of the response; 0: there was none
        """
        params = {"burst_id": burst_id, "name": name, "sha256": sha256}
        try:
            async with (
                rest_session() as session,
                session.post(
                    f"{self._base_url}/api/v1/data", params=params, data=_slowly(content, over_s)
                ) as answer,
            ):
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            self.tally.fault("dropped", f"POST /api/v1/data {name}: {type(error).__name__} {error}")
            return 0


async def _slowly(content: bytes, over_s: float) -> AsyncIterator[bytes]:
    pieces = 20
    size = -(-len(content) // pieces)
    for start in range(0, len(content), size):
        yield content[start : start + size]
        await asyncio.sleep(over_s / pieces)
