"""A connection that is opened again whenever it is lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from eclgrmd.aio.polling import retry
from eclgrmd.errors import FatalError, TransientError

from .session import Session, open_session
from .values import Address

__all__ = ["Connection", "SetUp"]

SetUp = Callable[[Session], Awaitable[None]]
"""Makes streams, subscriptions or services on a new session."""

_FIRST_PAUSE_S = 0.05
"""First pause before reconnecting."""
_LONGEST_PAUSE_S = 1.0
"""Longest pause between attempts to reconnect: shorter than other stages, as all of them wait."""
_SETTLING_S = 0.02
"""Time for `_keep_open` to notice a session that has just been lost."""


class Connection:
    """Opens a new session whenever one is lost, and sets it up again.

    Parameters
    ----------
    address
        The server and the login.
    name
        Name of the connection, as shown to the operator of the server.
    limit_s
        Longest wait for one answer, seconds.
    """

    def __init__(self, address: Address, name: str, limit_s: float) -> None:
        self._address = address
        self._name = name
        self._limit_s = limit_s
        self._session: Session | None = None
        self._present = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._set_ups: list[SetUp] = []

    @property
    def connected(self) -> bool:
        """True if a session is open and completely set up."""
        return self._present.is_set() and self._session is not None and not self._session.is_lost

    async def connect(self) -> None:
        """Open the first session, and keep one open from then on.

        Raises
        ------
        FatalError, TransientError
            As raised by `open_session`; no session is kept open then.
        """
        self._session = await self._open()
        self._present.set()
        # Its parent is this object: `close` cancels it and waits for its end.
        loop = asyncio.get_running_loop()
        self._keeper = loop.create_task(self._keep_open(self._session), name="bus connection")

    async def close(self) -> None:
        """Finish what is in flight, and disconnect."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        if self._session is not None:
            await self._session.close(self._limit_s)
            self._session = None
        self._present.clear()

    @contextlib.asynccontextmanager
    async def use(self, purpose: str, limit_s: float | None = None) -> AsyncIterator[Session]:
        """Yield the session for one operation.

        Parameters
        ----------
        purpose
            Name of the operation in error messages.
        limit_s
            Longest time inside the context, seconds; None: the limit of the connection.

        Raises
        ------
        TransientError
            If there is no session, it is lost meanwhile, or the time is over.
        """
        if self._session is None or not self.connected:
            raise TransientError(f"NATS: {purpose}: not connected")
        async with self._session.limit(purpose, limit_s):
            yield self._session

    async def present(self) -> Session:
        """Wait for an open session, and return it."""
        while True:
            await self._present.wait()
            if self._session is not None and not self._session.is_lost:
                return self._session
            await asyncio.sleep(_SETTLING_S)

    async def add(self, purpose: str, set_up: SetUp) -> None:
        """Apply a set-up step to the session, and to all later ones."""
        async with self.use(purpose) as session:
            await set_up(session)
        self._set_ups.append(set_up)

    async def _open(self) -> Session:
        session = await open_session(self._address, self._name, self._limit_s)
        try:
            async with session.limit("setting up"):
                for set_up in self._set_ups:
                    await set_up(session)
        except BaseException:
            await session.close(self._limit_s)
            raise
        return session

    async def _keep_open(self, session: Session) -> None:
        while True:
            await session.until_lost()
            self._present.clear()
            session = self._session = await self._open_again()
            self._present.set()

    async def _open_again(self) -> Session:
        async def open_now() -> Session:
            try:
                return await self._open()
            except (FatalError, TransientError) as error:
                # The server accepted us before: somebody is reconfiguring it, so retry.
                raise TransientError(str(error), delay_s=_FIRST_PAUSE_S) from error

        await asyncio.sleep(_FIRST_PAUSE_S)
        return await retry(open_now, stage="connection to NATS", longest_s=_LONGEST_PAUSE_S)
