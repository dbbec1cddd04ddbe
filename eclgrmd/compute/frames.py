"""What daemon and worker say to each other: pickled values, each behind its length."""

import pickle
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from typing import Any

from eclgrmd import __version__

__all__ = [
    "Call",
    "Done",
    "Failed",
    "Frames",
    "Line",
    "Ready",
    "Setting",
    "Until",
    "pack",
    "receive",
]

_LENGTH = struct.Struct("!Q")


@dataclass(frozen=True, slots=True)
class Setting:
    """To a worker, first of all."""

    memory_limit_bytes: int | None
    warm: list[str]
    """Targets to call before the first `Call`."""
    version: str = __version__
    """Of the daemon: an upgrade may have changed the code since it started."""


@dataclass(frozen=True, slots=True)
class Ready:
    """From a worker that takes calls."""


@dataclass(frozen=True, slots=True)
class Call:
    """To a worker."""

    target: str
    """``module:name`` of the function, which the daemon need not be able to import."""
    args: tuple[Any, ...]
    context: dict[str, Any] = field(default_factory=dict)
    """Log fields that hold for all that the function says."""


@dataclass(frozen=True, slots=True)
class Until:
    """To a worker that computes a `Call`: when to end itself, on the monotonic clock."""

    moment_s: float


@dataclass(frozen=True, slots=True)
class Done:
    """From a worker: what the function returned."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """From a worker: what the function raised."""

    error: BaseException | None
    """None where the daemon might not know the class, or should not import it."""
    summary: str
    traceback: str


@dataclass(frozen=True, slots=True)
class Line:
    """From a worker: a log line."""

    fields: dict[str, Any]


def receive(stream: BufferedReader) -> Any:
    """Read the next frame; EOFError at the end."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    return pickle.loads(stream.read(*_LENGTH.unpack(head)))  # noqa: S301 - our own process


def pack(frame: object) -> bytes:
    """Bytes of ``frame``, its length first."""
    payload = pickle.dumps(frame, protocol=5)
    return _LENGTH.pack(len(payload)) + payload


class Frames:
    """Cuts what comes in from a worker into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Any]:
        """Take in ``data`` and give the frames that are now complete."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._buffer)[0]
            if len(self._buffer) < end:
                return
            payload = bytes(memoryview(self._buffer)[_LENGTH.size : end])
            del self._buffer[:end]
            yield pickle.loads(payload)  # noqa: S301 - our own process
