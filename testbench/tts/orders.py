"""A client of the TTS: launches sequences by HTTP and follows them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Self

import aiohttp
import msgspec

from .sequence import SequenceRequest, SequenceView

__all__ = ["OrderError", "Orders"]

_LOOK_AGAIN_S = 0.2
"""Time between two looks at a sequence, seconds."""


class OrderError(Exception):
    """Raised when the TTS rejects a request."""


class Orders:
    """Launches and follows sequences of one TTS."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str) -> AsyncIterator[Self]:
        """Open a client with its own HTTP session."""
        async with aiohttp.ClientSession() as session:
            yield cls(session, url)

    async def launch(self, request: SequenceRequest) -> SequenceView:
        """Launch a sequence and return its first state."""
        body = msgspec.json.encode(request)
        async with self._session.post(f"{self._url}/sequence", data=body) as answer:
            return await _view(answer, expected=202)

    async def look(self, sequence_id: str) -> SequenceView:
        """Return the current state of a sequence."""
        async with self._session.get(f"{self._url}/sequence/{sequence_id}") as answer:
            return await _view(answer, expected=200)

    async def follow(
        self, sequence_id: str, report: Callable[[SequenceView], None] = lambda _view: None
    ) -> SequenceView:
        """Wait until a sequence ends and return its final state."""
        while (view := await self.look(sequence_id)).state == "running":
            report(view)
            await asyncio.sleep(_LOOK_AGAIN_S)
        report(view)
        return view


async def _view(answer: aiohttp.ClientResponse, *, expected: int) -> SequenceView:
    payload = await answer.read()
    if answer.status != expected:
        raise OrderError(f"the TTS answered {answer.status}: {payload.decode(errors='replace')}")
    return msgspec.json.decode(payload, type=SequenceView)
