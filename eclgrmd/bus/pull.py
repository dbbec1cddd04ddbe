"""Pull requests for messages of a durable consumer."""

import asyncio
from types import TracebackType
from typing import Self

import msgspec
import nats.errors
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from eclgrmd.errors import TransientError

from .session import Session

__all__ = ["Pull"]

_EXPIRES_S = 5.0
"""Time after which the server ends a request that found too few messages."""
_GRACE_S = 2.0
"""Additional time for the server to report that a request has expired."""
_STATUS = "Status"
"""Header of an answer that is not a message but ends a request."""
_EXPIRED = frozenset({"404", "408"})
"""Statuses of a request that found no message before it expired."""


class Pull:
    """Requests up to ``batch`` messages, and returns at once those that have arrived.

    nats-py's own fetch waits until all requested messages have arrived or its time is over.
    """

    def __init__(self, session: Session, stream: str, durable: str, batch: int) -> None:
        self._session = session
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._batch = batch
        self._inbox = session.client.new_inbox()
        self._arrived: asyncio.Queue[Msg] = asyncio.Queue()
        self._wanted = 0
        """Messages that may still come for the last request."""
        self._subscription: Subscription

    async def next(self) -> list[Msg]:
        """Wait for at least one message, and return all that have arrived.

        Raises
        ------
        TransientError
            If the consumer no longer exists, or the server does not answer.
        """
        messages: list[Msg] = []
        while not messages:
            if self._wanted <= 0:
                await self._request()
            messages += self._taken(await self._first())
            while not self._arrived.empty():
                messages += self._taken(self._arrived.get_nowait())
        return messages

    async def _request(self) -> None:
        request = {"batch": self._batch, "expires": int(_EXPIRES_S * 1e9)}
        self._wanted = self._batch
        await self._session.client.publish(
            self._subject, msgspec.json.encode(request), reply=self._inbox
        )

    async def _first(self) -> Msg:
        async with self._session.limit("next message", _EXPIRES_S + _GRACE_S):
            return await self._arrived.get()

    def _taken(self, message: Msg) -> list[Msg]:
        """Return the message in a list, or an empty list if it only ends a request."""
        status = (message.headers or {}).get(_STATUS)
        if status is None:
            self._wanted -= 1
            return [message]
        self._wanted = 0
        if status not in _EXPIRED:
            reason = (message.headers or {}).get("Description", status)
            raise TransientError(f"NATS: next message: {reason}")
        return []

    async def __aenter__(self) -> Self:
        self._subscription = await self._session.client.subscribe(self._inbox, cb=self._arrived.put)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._subscription.unsubscribe()
        except nats.errors.Error:
            return  # the connection is lost, and the subscription with it
