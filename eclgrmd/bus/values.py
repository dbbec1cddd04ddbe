"""What passes between the bus and its users."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nats.errors
from nats.aio.msg import Msg

__all__ = ["Address", "Delivery", "Endpoint", "Message", "Published"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where the NATS server is, and who we are there."""

    url: str
    """``nats://host:port`` or ``tls://host:port``; several of one cluster separated by commas."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    credentials_file: Path | None = None
    """A NATS ``.creds`` file."""
    ca_file: Path | None = None
    """Certificates of the authorities to trust, instead of the machine's."""

    @property
    def shown(self) -> str:
        """The url without what may be secret in it."""
        return ",".join(_without_login(url) for url in self.url.split(","))


@dataclass(frozen=True, slots=True)
class Message:
    """A message that nobody waits to have acknowledged."""

    subject: str
    data: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Published:
    """What the stream says of a message it has on disk."""

    stream: str
    sequence: int
    """Its number in the stream."""
    duplicate: bool
    """The stream had this message id already and kept the first."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message of a stream, which stays there until it is settled by `ack`.

    A verdict that does not reach the server means that the message comes again: settle what is
    settled, and be ready to see it twice.
    """

    subject: str
    data: bytes
    headers: Mapping[str, str]
    sequence: int
    """Its number in the stream."""
    delivered: int
    """How often it has been delivered, this time included."""
    message: Msg = field(repr=False, compare=False)

    async def ack(self) -> None:
        """Say that it is done."""
        with contextlib.suppress(nats.errors.Error):
            await self.message.ack()

    async def nak(self, delay_s: float | None = None) -> None:
        """Ask for it again, after ``delay_s`` seconds."""
        with contextlib.suppress(nats.errors.Error):
            await self.message.nak(delay_s)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A question that the service answers."""

    name: str
    """Letters, digits, dashes and underscores."""
    subject: str
    handler: Callable[[bytes], Awaitable[bytes]]
    """Answers a request; an `InputError` becomes an error answer with code 400, others 500."""


def _without_login(url: str) -> str:
    scheme, separator, rest = url.rpartition("://")
    return scheme + separator + rest.rpartition("@")[2]
