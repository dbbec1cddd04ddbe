"""Requests to a daemon, with retries and decoded answers."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import aiohttp
import msgspec
from yarl import URL

from eclgrmd.errors import InputError
from eclgrmd.model.access import TOKEN_FORM, read_token

from .errors import BusyError, UnavailableError, UnreachableError, error_of

__all__ = ["Connection", "Maker"]

Answer = TypeVar("Answer")
Maker = Callable[[], Awaitable[dict[str, Any]]]
"""Makes the options of a request, for aiohttp."""
Query = Iterable[tuple[str, str]]

_SILENCE_S = 90.0
"""Longest silence of the daemon; a request for a figure may wait for a minute."""
_LONGEST_DELAY_S = 10.0
"""Longest pause between two attempts."""


class Connection:
    """Connections to one daemon.

    Parameters
    ----------
    url
        REST address of the daemon.
    retry_s
        Time for which a request is repeated while the daemon responds with 429 or 503, or with 202
        for figures that are still to be drawn, seconds. The
        pauses are those of its header `Retry-After`.
    reconnect_s
        Time for which a request is repeated while the daemon cannot be reached, seconds. No
        request has another effect when it is sent twice.
    token
        Token of the user; empty: none is sent.
    """

    def __init__(self, url: str, *, retry_s: float, reconnect_s: float, token: str = "") -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InputError(f"URL {url}: must start with http:// or https:// and name a host")
        if token and read_token(token) is None:
            raise InputError(f"the token has another form: it must be {TOKEN_FORM}")
        self._url = url.rstrip("/")
        self._retry_s = retry_s
        self._reconnect_s = reconnect_s
        limit = aiohttp.ClientTimeout(total=None, sock_connect=10.0, sock_read=_SILENCE_S)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._session = aiohttp.ClientSession(timeout=limit, headers=headers)

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def ask(
        self,
        kind: type[Answer],
        method: str,
        path: str,
        *,
        query: Query = (),
        body: object = None,
        make: Maker | None = None,
        accept: int = HTTPStatus.OK,
    ) -> Answer:
        """Send a request and return the decoded response.

        Parameters
        ----------
        kind
            Type of the response.
        method
            HTTP method.
        path
            Path, or a link of the daemon that begins with `/`.
        query
            Names and values of the query.
        body
            Body, to be encoded as JSON; None: there is none.
        make
            Makes the options of a request with another body.
        accept
            A status of 400 or more whose body is a response, too.

        Raises
        ------
        RefusedError
            If the daemon refuses it.
        UnavailableError
            If the daemon does not respond, or cannot handle the request in time.
        """
        payload = await self.read(method, path, query=query, body=body, make=make, accept=accept)
        try:
            return msgspec.json.decode(payload, type=kind)
        except msgspec.MsgspecError as error:
            raise UnavailableError(f"{self._url}{path}: unexpected answer: {error}") from error

    async def read(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: object = None,
        make: Maker | None = None,
        accept: int = HTTPStatus.OK,
    ) -> bytes:
        """Send a request and return the body of the response; see `ask`."""
        if query:
            path = f"{path}?{urlencode(tuple(query))}"
        async with self.response(method, path, make or partial(_options, body), accept) as response:
            return await response.read()

    @asynccontextmanager
    async def response(
        self, method: str, path: str, make: Maker, accept: int = HTTPStatus.OK
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request, with retries, and provide the response to read.

        Parameters
        ----------
        method
            HTTP method.
        path
            Path, or a link of the daemon that begins with `/`.
        make
            Makes the options of a request, once for each attempt: a body may be read only once.
        accept
            A status of 400 or more that is no error.
        """
        response = await self._answered(method, path, make, accept)
        try:
            async with response:
                yield response
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnavailableError(f"{self._url} broke off: {_reason(error)}") from error

    async def _answered(
        self, method: str, path: str, make: Maker, accept: int
    ) -> aiohttp.ClientResponse:
        """Repeat a request until there is a response, or until its time is over.

        All attempts of a POST have the same key, by which the daemon handles it once.
        """
        key = {"Idempotency-Key": uuid4().hex} if method == "POST" else {}
        now = asyncio.get_running_loop().time
        began_s = now()
        while True:
            try:
                return await self._attempt(method, path, make, accept, key)
            except (UnreachableError, BusyError) as error:
                most_s = self._retry_s if isinstance(error, BusyError) else self._reconnect_s
                delay_s = min(error.delay_s, _LONGEST_DELAY_S)
                if now() - began_s + delay_s > most_s:
                    raise
            await asyncio.sleep(delay_s)

    async def _attempt(
        self, method: str, path: str, make: Maker, accept: int, key: dict[str, str]
    ) -> aiohttp.ClientResponse:
        try:
            url = URL(self._url + path, encoded=True)
            options = await make()
            headers = {**options.pop("headers", {}), **key}
            response = await self._session.request(method, url, headers=headers, **options)
            to_come = response.status == HTTPStatus.ACCEPTED and "Retry-After" in response.headers
            good = response.status < HTTPStatus.BAD_REQUEST and not to_come
            if good or response.status == accept:
                return response
            async with response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnreachableError(f"{self._url} does not answer: {_reason(error)}") from error
        raise error_of(response.status, body, response.headers.get("Retry-After", ""))


async def _options(body: object) -> dict[str, Any]:
    if body is None:
        return {}
    return {"data": msgspec.json.encode(body), "headers": {"Content-Type": "application/json"}}


def _reason(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        return os.strerror(number) if number else str(error.os_error)
    return str(error) or type(error).__name__
