"""One connection to the NATS server, from its opening to its loss."""

import asyncio
import contextlib
import math
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js import JetStreamContext

from eclgrmd.aio.cancellation import heeding_cancellation
from eclgrmd.errors import FatalError, TransientError
from eclgrmd.tls import trusting

from .values import Address

__all__ = ["Session", "open_session"]

_OLDEST = (2, 10)
_LOOK_S = 0.2
_PING_S = 2
_PINGS_UNANSWERED = 2


class Session:
    """A connection that never reconnects: who outlives it takes a new one.

    nats-py can reconnect by itself, but then it gives up for good on any error that the server
    reports, keeps what was published meanwhile, and leaves pull subscriptions silent (nats.py#504).
    """

    def __init__(self, client: Client, limit_s: float) -> None:
        self.client = client
        self.streams: JetStreamContext = client.jetstream(timeout=limit_s)
        self.lost = asyncio.Event()
        self.restorers: list[Callable[[Session], Awaitable[None]]] = []
        """Make the streams again that a server may lose while it stays connected."""
        self._limit_s = limit_s
        self._waiting: set[asyncio.Timeout] = set()

    @property
    def is_lost(self) -> bool:
        """Whether it is of no use any more."""
        return self.lost.is_set() or not self.client.is_connected

    async def until_lost(self) -> None:
        """Wait until it is of no use any more.

        nats-py tells us, but not when it stumbles while it closes, which it does if it has
        something left to send to a server that has reset the connection: so look for ourselves too.
        """
        while not self.is_lost:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self.lost.wait()
        self.end()

    async def restore(self) -> None:
        """Make lost streams again."""
        for restorer in self.restorers:
            await restorer(self)

    @contextlib.asynccontextmanager
    async def limit(self, what: str, limit_s: float | None = None) -> AsyncIterator[None]:
        """Give what is inside some time, and end it as soon as the connection is lost.

        Raises
        ------
        TransientError
            Out of time, connection lost, or refused by the server.
        """
        try:
            async with asyncio.timeout(self._limit_s if limit_s is None else limit_s) as scope:
                self._waiting.add(scope)
                try:
                    with heeding_cancellation():
                        yield
                finally:
                    self._waiting.discard(scope)
        except TimeoutError as error:
            reason = "the connection was lost" if self.lost.is_set() else "no answer in time"
            raise TransientError(f"NATS: {what}: {reason}") from error
        except (OSError, nats.errors.Error) as error:
            raise TransientError(f"NATS: {what}: {error}") from error

    def end(self) -> None:
        """Take note that the connection is lost."""
        self.lost.set()
        for scope in self._waiting:
            if not scope.expired():  # asyncio refuses to expire one twice
                scope.reschedule(asyncio.get_running_loop().time())

    async def close(self, limit_s: float) -> None:
        """Let what was received be handled and what was sent leave, then close."""
        with heeding_cancellation():
            with contextlib.suppress(nats.errors.Error, OSError, TimeoutError):
                async with asyncio.timeout(limit_s):
                    await self.client.drain()
            if not self.client.is_closed:
                await _close(self.client, limit_s)
            self.end()


async def open_session(address: Address, name: str, limit_s: float) -> Session:
    """Connect and check that the server can do what we need.

    Raises
    ------
    FatalError
        It never will: wrong login or credentials, a server that is too old or has no JetStream.
    TransientError
        It does not answer.
    """
    credentials, tls = _credentials(address), trusting(address.ca_file)
    client = Client()
    session = Session(client, limit_s)
    try:
        with heeding_cancellation():
            await _connect(session, address, name, limit_s, credentials, tls)
            await _check(session, address)
    except BaseException:
        await _close(client, limit_s)
        raise
    return session


async def _close(client: Client, limit_s: float) -> None:
    """Close, which nats-py never ends where TLS has failed: the connection is not ours any more."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await client.close()


async def _connect(
    session: Session,
    address: Address,
    name: str,
    limit_s: float,
    credentials: str | None,
    tls: ssl.SSLContext | None,
) -> None:
    async def closed() -> None:
        session.end()

    reasons: list[Exception] = []

    async def remember(error: Exception) -> None:
        reasons[:] = [error]

    try:
        async with asyncio.timeout(limit_s):
            await session.client.connect(
                address.url.split(","),
                name=name,
                user=address.user,
                password=address.password,
                token=address.token,
                user_credentials=credentials,
                tls=tls,
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                connect_timeout=math.ceil(limit_s),
                drain_timeout=math.ceil(limit_s),
                ping_interval=_PING_S,
                max_outstanding_pings=_PINGS_UNANSWERED,
                closed_cb=closed,
                error_cb=remember,
            )
    except (OSError, nats.errors.Error, TimeoutError) as error:
        if "authorization" in str(error).lower():
            raise FatalError(f"the NATS server at {address.shown} refuses our login") from error
        # What is raised in the end only says that there is no server left to try.
        reason = str((reasons or [error])[0])
        raise TransientError(f"no connection to NATS at {address.shown}: {reason}") from error


def _credentials(address: Address) -> str | None:
    file = address.credentials_file
    if file is None:
        return None
    if not file.is_file():
        raise FatalError(f"NATS credentials file {file} does not exist")
    return str(file)


async def _check(session: Session, address: Address) -> None:
    version = session.client.connected_server_version
    if (version.major, version.minor) < _OLDEST:
        raise FatalError(
            f"the NATS server at {address.shown} has version {version.major}.{version.minor}: "
            f"eclgrmd needs {_OLDEST[0]}.{_OLDEST[1]} or later"
        )
    try:
        async with session.limit("JetStream account"):
            await session.streams.account_info()
    except TransientError as error:
        if isinstance(error.__cause__, nats.js.errors.ServiceUnavailableError):
            raise FatalError(
                f"the NATS server at {address.shown} has no JetStream: start it with -js"
            ) from error
        raise
