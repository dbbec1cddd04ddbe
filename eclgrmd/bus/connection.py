"""A lasting connection: session after session, each set up like the one before."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from eclgrmd.aio.polling import retry
from eclgrmd.errors import FatalError, TransientError

from .session import Session, open_session
from .values import Address

__all__ = ["Connection", "SetUp"]

SetUp = Callable[[Session], Awaitable[None]]

log = structlog.get_logger(__name__)

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0
_NOTICE_S = 0.02


class Connection:
    """Opens a new session whenever one is lost, and sets it up again."""

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
        """Whether there is a session, completely set up."""
        return self._present.is_set() and self._session is not None and not self._session.is_lost

    async def connect(self) -> None:
        """Open the first session, and from then on keep one open.

        Raises
        ------
        FatalError, TransientError
            As `open_session` does; nothing is kept open then.
        """
        self._session = await self._open()
        self._present.set()
        # Its parent is this object: `close` cancels it and waits for its end.
        loop = asyncio.get_running_loop()
        self._keeper = loop.create_task(self._keep_open(self._session), name="bus connection")

    async def close(self) -> None:
        """Let what is under way finish, and disconnect."""
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
    async def use(self, what: str, limit_s: float | None = None) -> AsyncIterator[Session]:
        """Use the session for one thing, within ``limit_s`` seconds.

        Raises
        ------
        TransientError
            There is none, or it is lost or out of time on the way.
        """
        if self._session is None or not self.connected:
            raise TransientError(f"NATS: {what}: not connected")
        async with self._session.limit(what, limit_s):
            yield self._session

    async def present(self) -> Session:
        """Wait for a session."""
        while True:
            await self._present.wait()
            if self._session is not None and not self._session.is_lost:
                return self._session
            await asyncio.sleep(_NOTICE_S)

    async def add(self, what: str, set_up: SetUp) -> None:
        """Set this session up, and all that follow."""
        async with self.use(what) as session:
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
                # A server that refuses us now was ours when we began: an operator is at work on it.
                raise TransientError(str(error), delay_s=_FIRST_PAUSE_S) from error

        await asyncio.sleep(_FIRST_PAUSE_S)
        return await retry(open_now, stage="connection to NATS", longest_s=_LONGEST_PAUSE_S)
