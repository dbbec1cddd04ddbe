"""Values that the bus and its users exchange."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nats.errors
from nats.aio.msg import Msg

__all__ = ["Address", "Delivery", "Endpoint", "Message", "Published"]


@dataclass(frozen=True, slots=True)
class Address:
    """The address of the NATS server, and the login there."""

    url: str
    """``nats://host:port`` or ``tls://host:port``; several of one cluster separated by commas."""
    user: str | None = None
    """User name; None: no login by name."""
    password: str | None = field(default=None, repr=False)
    """Password of the user; None: none."""
    token: str | None = field(default=None, repr=False)
    """Token to log in with instead of a user name; None: none."""
    credentials_file: Path | None = None
    """A NATS ``.creds`` file; None: none."""
    nkey_file: Path | None = None
    """File with the seed of a user's nkey; None: none."""
    ca_file: Path | None = None
    """Certificates of the authorities to trust; None: those of the machine."""

    @property
    def shown(self) -> str:
        """The url without its login, for logs and messages."""
        return ",".join(_without_login(url) for url in self.url.split(","))


@dataclass(frozen=True, slots=True)
class Message:
    """A message without acknowledgement."""

    subject: str
    """Subject on which it was published."""
    data: bytes
    """Content of the message."""
    headers: Mapping[str, str]
    """Headers by name."""


@dataclass(frozen=True, slots=True)
class Published:
    """Confirmation of a stream that a message is on disk."""

    stream: str
    """Name of the stream."""
    sequence: int
    """Number of the message in the stream."""
    duplicate: bool
    """True: the stream has an earlier message with the same id, and kept that one only."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message of a stream, which is delivered again until `ack` is called.

    An acknowledgement may get lost. The message is then delivered again, so its handling must be
    idempotent.
    """

    subject: str
    """Subject on which it was published."""
    data: bytes
    """Content of the message."""
    headers: Mapping[str, str]
    """Headers by name."""
    sequence: int
    """Number of the message in the stream."""
    delivered: int
    """Number of deliveries, including this one."""
    message: Msg = field(repr=False, compare=False)
    """The message of nats-py."""

    async def ack(self) -> None:
        """Acknowledge the message: it is not delivered again."""
        with contextlib.suppress(nats.errors.Error):
            await self.message.ack()

    async def nak(self, delay_s: float | None = None) -> None:
        """Request a new delivery after ``delay_s`` seconds; None: at once."""
        with contextlib.suppress(nats.errors.Error):
            await self.message.nak(delay_s)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A kind of request that the service answers."""

    name: str
    """Name in NATS tools: letters, digits, dashes and underscores."""
    subject: str
    """Subject of the requests."""
    handler: Callable[[bytes], Awaitable[bytes]]
    """Returns the response to a request. `InputError` becomes an error response with code 400, any
    other error one with code 500."""


def _without_login(url: str) -> str:
    scheme, separator, rest = url.rpartition("://")
    return scheme + separator + rest.rpartition("@")[2]
