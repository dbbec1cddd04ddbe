"""A session with the NATS server, from its opening to its loss."""

import asyncio
import contextlib
import math
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js import JetStreamContext

from eclgrmd.aio.cancellation import reraising_cancellation
from eclgrmd.errors import FatalError, TransientError
from eclgrmd.tls import tls_context

from .values import Address

__all__ = ["Session", "open_session"]

_OLDEST = (2, 10)
"""Oldest supported version of the NATS server."""
_LOOK_S = 0.2
"""Time between two checks of whether the connection is lost."""
_PING_S = 2
"""Time between two pings to the server, seconds."""
_PINGS_UNANSWERED = 2
"""Unanswered pings after which the connection counts as lost: about 6 s after the last answer."""


class Session:
    """A connection that never reconnects; `Connection` replaces a lost one.

    nats-py can reconnect by itself. But then it gives up for good on any error that the server
    reports, keeps messages published meanwhile, and leaves pull subscriptions silent (nats.py#504).

    Parameters
    ----------
    client
        The client of nats-py, which need not be connected yet.
    limit_s
        Longest wait for one answer, seconds.
    """

    def __init__(self, client: Client, limit_s: float) -> None:
        self.client = client
        """The client of nats-py."""
        self.streams: JetStreamContext = client.jetstream(timeout=limit_s)
        """The JetStream interface of the client."""
        self.lost = asyncio.Event()
        """Set when the connection is lost or closed."""
        self.restorers: list[Callable[[Session], Awaitable[None]]] = []
        """Make streams again, which a server may lose without closing the connection."""
        self._limit_s = limit_s
        self._waiting: set[asyncio.Timeout] = set()

    @property
    def is_lost(self) -> bool:
        """True if the connection is lost."""
        return self.lost.is_set() or not self.client.is_connected

    async def until_lost(self) -> None:
        """Wait until the connection is lost.

        nats-py does not report the loss if closing fails, which happens when there is data left to
        send after the server has reset the connection. So the state is polled too.
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
    async def limit(self, purpose: str, limit_s: float | None = None) -> AsyncIterator[None]:
        """Limit the time of an operation, and end it as soon as the connection is lost.

        Parameters
        ----------
        purpose
            Name of the operation in error messages.
        limit_s
            Longest time inside the context, seconds; None: the limit of the session.

        Raises
        ------
        TransientError
            If the time is over, the connection is lost, or the server refuses the operation.
        """
        try:
            async with asyncio.timeout(self._limit_s if limit_s is None else limit_s) as scope:
                self._waiting.add(scope)
                try:
                    with reraising_cancellation():
                        yield
                finally:
                    self._waiting.discard(scope)
        except TimeoutError as error:
            reason = "the connection was lost" if self.lost.is_set() else "no answer in time"
            raise TransientError(f"NATS: {purpose}: {reason}") from error
        except (OSError, nats.errors.Error) as error:
            raise TransientError(f"NATS: {purpose}: {error}") from error

    def end(self) -> None:
        """Mark the connection as lost, and end all operations that use it."""
        self.lost.set()
        for scope in self._waiting:
            if not scope.expired():  # rescheduling an expired timeout is an error
                scope.reschedule(asyncio.get_running_loop().time())

    async def close(self, limit_s: float) -> None:
        """Handle received messages and send published ones, then close the connection."""
        with reraising_cancellation():
            with contextlib.suppress(nats.errors.Error, OSError, TimeoutError):
                async with asyncio.timeout(limit_s):
                    await self.client.drain()
            if not self.client.is_closed:
                await _close(self.client, limit_s)
            self.end()


class _Secrets(NamedTuple):
    """What the login and the check of the server need."""

    tls: ssl.SSLContext | None
    credentials: str | None
    """Name of the file of credentials."""
    nkey: str | None
    """Name of the file of an nkey."""


async def open_session(address: Address, name: str, limit_s: float) -> Session:
    """Connect, and check that the server meets the requirements.

    Raises
    ------
    FatalError
        If the login is refused, or the server is too old or has no JetStream.
    TransientError
        If the server does not answer.
    """
    secrets = await asyncio.to_thread(_secrets, address)
    client = Client()
    session = Session(client, limit_s)
    try:
        with reraising_cancellation():
            await _connect(session, address, name, limit_s, secrets)
            await _check(session, address)
    except BaseException:
        await _close(client, limit_s)
        raise
    return session


async def _close(client: Client, limit_s: float) -> None:
    """Close the client within a time limit: after a TLS error, nats-py would wait for ever."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await client.close()


async def _connect(
    session: Session,
    address: Address,
    name: str,
    limit_s: float,
    secrets: _Secrets,
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
                user_credentials=secrets.credentials,
                nkeys_seed=secrets.nkey,
                tls=secrets.tls,
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
        # The final error only says that there is no server left; the first one has the reason.
        reason = str((reasons or [error])[0])
        raise TransientError(f"no connection to NATS at {address.shown}: {reason}") from error


def _secrets(address: Address) -> _Secrets:
    return _Secrets(
        tls_context(address.ca_file),
        _existing(address.credentials_file, "credentials"),
        _existing(address.nkey_file, "nkey"),
    )


def _existing(file: Path | None, what: str) -> str | None:
    if file is None:
        return None
    if not file.is_file():
        raise FatalError(f"NATS {what} file {file} does not exist")
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
