"""Clients of the daemon: by NATS and by REST."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from nats.aio.client import Client
from nats.errors import Error as NatsError

from eclgrmd.aio.cancellation import reraising_cancellation
from eclgrmd.model.messages.incoming import DataNotification, TaskRequest

from .address import Address

__all__ = ["Answer", "ClientError", "NatsClient", "RestClient"]

_INCOMING = "data.bandx"
_TRY_AGAIN_S = 0.25
"""Pause between two attempts, seconds."""


class ClientError(Exception):
    """Raised when the daemon cannot be reached or refuses."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response of the REST interface."""

    status: int
    """HTTP status."""
    media_type: str
    """Media type, without parameters."""
    headers: dict[str, str]
    """Headers of the response."""
    body: Any
    """Decoded JSON, else the raw bytes."""


class RestClient:
    """Sends REST requests; retries them, within a limit, while the daemon is down or stopping."""

    def __init__(self, address: Address, session: aiohttp.ClientSession) -> None:
        self._address = address
        self._session = session

    async def get(self, path: str, *, limit_s: float = 30.0) -> Answer:
        """Get a path, or an absolute URL."""
        return await self._with_retries(lambda: self._request("GET", path), limit_s)

    async def send_task(self, task: TaskRequest, *, limit_s: float = 60.0) -> Answer:
        """Submit a task. It can be repeated safely because its id stays the same."""
        return await self.post("/api/v1/task", msgspec.json.encode(task), limit_s=limit_s)

    async def post(self, path: str, payload: bytes, *, limit_s: float = 60.0) -> Answer:
        """Post JSON."""
        headers = {"Content-Type": "application/json"}
        return await self._with_retries(
            lambda: self._request("POST", path, data=payload, headers=headers), limit_s
        )

    async def upload(
        self, burst_id: str, path: Path, sha256: str, *, limit_s: float = 120.0
    ) -> Answer:
        """Upload a data file."""
        params = {"burst_id": burst_id, "name": path.name, "sha256": sha256}

        async def send() -> Answer:
            with path.open("rb") as body:
                return await self._request("POST", "/api/v1/data", params=params, data=body)

        return await self._with_retries(send, limit_s)

    async def _with_retries(self, send: Callable[[], Awaitable[Answer]], limit_s: float) -> Answer:
        until = time.monotonic() + limit_s
        while True:
            try:
                answer = await send()
            except (aiohttp.ClientConnectionError, TimeoutError, ClientError) as error:
                problem = f"{type(error).__name__}: {error}"
            else:
                if answer.status != 503:
                    return answer
                problem = f"status 503: {answer.body}"
            if time.monotonic() > until:
                raise ClientError(f"no response by REST within {limit_s:g} s ({problem})")
            await asyncio.sleep(_TRY_AGAIN_S)

    async def _request(self, method: str, path: str, **options: Any) -> Answer:
        url = path if path.startswith("http") else f"{self._base()}{path}"
        async with self._session.request(method, url, **options) as answer:
            payload = await answer.read()
            media_type = answer.content_type
            headers = dict(answer.headers)
            body = msgspec.json.decode(payload) if media_type.endswith("json") else payload
            return Answer(answer.status, media_type, headers, body)

    def _base(self) -> str:
        endpoints = self._address.find()
        if endpoints is None:
            raise ClientError("the daemon is down")
        return endpoints.rest


class NatsClient:
    """Sends NATS messages, each over a connection of its own, like a script would."""

    def __init__(self, address: Address) -> None:
        self._address = address

    async def send(self, message: DataNotification | TaskRequest, *, limit_s: float = 60.0) -> None:
        """Publish on `data.bandx` and wait for the stream's acknowledgement.

        Raises
        ------
        ClientError
            If the stream does not acknowledge within the limit.
        """
        await self.send_raw(msgspec.json.encode(message), limit_s=limit_s)

    async def send_raw(self, payload: bytes, *, limit_s: float = 60.0) -> None:
        """Publish any bytes on `data.bandx`."""
        until = time.monotonic() + limit_s
        while True:
            try:
                async with self._connected() as connection:
                    await connection.jetstream().publish(_INCOMING, payload, timeout=5.0)
            except (OSError, NatsError, TimeoutError, ClientError) as error:
                if time.monotonic() > until:
                    raise ClientError(
                        f"no acknowledgement by NATS within {limit_s:g} s: {error}"
                    ) from error
                await asyncio.sleep(_TRY_AGAIN_S)
            else:
                return

    async def ask(self, subject: str, *, timeout_s: float = 2.0) -> bytes:
        """Send an empty request and return the reply.

        Raises
        ------
        ClientError
            If there is no reply.
        """
        try:
            async with self._connected() as connection:
                reply = await connection.request(subject, b"", timeout=timeout_s)
        except (OSError, NatsError, TimeoutError) as error:
            raise ClientError(f"no reply on {subject}: {type(error).__name__} {error}") from error
        return bytes(reply.data)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Client]:
        endpoints = self._address.find()
        if endpoints is None:
            raise ClientError("the daemon is down")
        with reraising_cancellation():
            client = Client()
            try:
                await client.connect(
                    endpoints.nats, allow_reconnect=False, connect_timeout=2, name="testbench"
                )
                yield client
            finally:
                await client.close()
