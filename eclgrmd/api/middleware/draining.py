"""Draining: at a stop, new work is refused while requests in flight are finished."""

import asyncio
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from .problems import problem

__all__ = ["Draining"]

_ACCEPTED_S = 0.2
"""Time for a client that has just connected to send its request."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that are served while draining: they begin no work."""


class Draining:
    """Counts the requests in flight, and refuses new work during a stop."""

    def __init__(self) -> None:
        self._in_flight = 0
        self._draining = False
        self._refusing = False
        self._idle = asyncio.Event()
        self._idle.set()

    def middleware(self) -> Middleware:
        """Return the middleware that counts requests and refuses new work while draining."""

        @web.middleware
        async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
            if self._refusing and request.method not in _READING:
                answer = problem(
                    HTTPStatus.SERVICE_UNAVAILABLE,
                    "the service is stopping: try again after its restart",
                    **{"Retry-After": "5"},
                )
                answer.force_close()
                return answer
            self._in_flight += 1
            self._idle.clear()
            try:
                response = await handler(request)
                if self._draining:
                    response.force_close()
                return response
            finally:
                self._in_flight -= 1
                if not self._in_flight:
                    self._idle.set()

        return count

    async def drain(self, limit_s: float) -> bool:
        """Refuse new work and wait for requests in flight; return False if some did not finish."""
        self._refusing = True
        return await self._quiet(limit_s)

    async def finish(self, limit_s: float) -> bool:
        """Serve all connected clients to the end; return False if some requests did not finish."""
        self._draining = True
        # A connection that was just accepted may not have sent its request yet.
        await asyncio.sleep(_ACCEPTED_S)
        return await self._quiet(limit_s)

    async def _quiet(self, limit_s: float) -> bool:
        self._draining = True
        try:
            async with asyncio.timeout(limit_s):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True
