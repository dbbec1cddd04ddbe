"""Clients of the daemon: by NATS and by REST."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
import msgspec
from nats.aio.client import Client
from nats.errors import Error as NatsError

from eclgrmd.aio.cancellation import reraising_cancellation
from eclgrmd.client import AsyncClient
from eclgrmd.model.messages.incoming import DataNotification, TaskRequest
from testbench.rest_session import rest_session

from .address import Address

__all__ = ["Answer", "ClientError", "NatsClient", "RestClient"]

_INCOMING = "data.bandx"
_PATIENCE_S = 120.0
"""Time for which a call is repeated while the daemon is down or stopping, seconds."""
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
    """Calls of the daemon by `eclgrmd.client`, for as long as the context is open.

    Plain requests (`get`, `post`) are for tests that look at a response itself.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._stack = AsyncExitStack()
        self._opened: AsyncClient | None = None
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        self._session = await self._stack.enter_async_context(rest_session())
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._stack.aclose()

    async def calls(self) -> AsyncClient:
        """Return the client of the daemon, which waits for it while it is down or stopping.

        Raises
        ------
        ClientError
            If the daemon is down and was never up.
        """
        if self._opened is None:
            token = os.environ.get("ECLGRMCTL_TOKEN", "")
            client = AsyncClient(
                self._base(), retry_s=_PATIENCE_S, reconnect_s=_PATIENCE_S, token=token
            )
            self._opened = await self._stack.enter_async_context(client)
        return self._opened

    async def get(self, path: str) -> Answer:
        """Get a path."""
        return await self._request("GET", path)

    async def post(self, path: str, payload: bytes) -> Answer:
        """Post JSON, or what should be JSON."""
        headers = {"Content-Type": "application/json"}
        return await self._request("POST", path, data=payload, headers=headers)

    async def _request(self, method: str, path: str, **options: Any) -> Answer:
        async with self._session.request(method, f"{self._base()}{path}", **options) as answer:
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
