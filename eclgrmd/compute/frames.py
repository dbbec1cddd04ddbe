"""The protocol between daemon and worker: pickled values, each preceded by its length."""

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
    "EndAt",
    "Failed",
    "Frames",
    "LogLine",
    "Ready",
    "WorkerSetUp",
    "pack",
    "receive",
]

_LENGTH = struct.Struct("!Q")
"""Length of the pickled value, bytes: 8 bytes, big-endian."""


@dataclass(frozen=True, slots=True)
class WorkerSetUp:
    """First frame to a worker: limits, and what to do before the first call."""

    memory_limit_bytes: int | None
    """Most bytes of data that the process may hold; None: no limit."""
    warm: list[str]
    """Targets to call before the first `Call`."""
    nice: int = 0
    """Increment of the scheduling priority's nice value, from 0 to 19."""
    version: str = __version__
    """Version of the daemon. A worker of another version refuses to start: an upgrade may have
    replaced the code since the daemon started."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Frame from a worker that is ready for calls."""


@dataclass(frozen=True, slots=True)
class Call:
    """Frame to a worker: a function to call."""

    target: str
    """``module:name`` of the function; the daemon itself need not be able to import it."""
    args: tuple[Any, ...]
    """Positional arguments."""
    context: dict[str, Any] = field(default_factory=dict)
    """Fields of all log lines of the function."""
    background: bool = False
    """Whether to compute it at the lowest scheduling priority."""


@dataclass(frozen=True, slots=True)
class EndAt:
    """Frame to a worker that computes a `Call`: when the process must end itself."""

    moment_s: float
    """Time on the monotonic clock, seconds."""


@dataclass(frozen=True, slots=True)
class Done:
    """Frame from a worker: the function returned."""

    value: Any
    """The result."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Frame from a worker: the function raised an error."""

    error: BaseException | None
    """None if the daemon may not know the class, or should not import it."""
    summary: str
    """Class and text of the error."""
    traceback: str
    """The traceback as text, in several lines."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """Frame from a worker: a log line."""

    fields: dict[str, Any]
    """The fields of the line, of simple types."""


def receive(stream: BufferedReader) -> Any:
    """Read the next frame; raise EOFError at the end of the stream."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    return pickle.loads(stream.read(*_LENGTH.unpack(head)))  # noqa: S301 - our own process


def pack(frame: object) -> bytes:
    """Encode a frame as its length and its pickled value."""
    payload = pickle.dumps(frame, protocol=5)
    return _LENGTH.pack(len(payload)) + payload


class Frames:
    """Splits the bytes received from a worker into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Any]:
        """Append received bytes, and yield the frames that are complete now."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._buffer)[0]
            if len(self._buffer) < end:
                return
            payload = bytes(memoryview(self._buffer)[_LENGTH.size : end])
            del self._buffer[:end]
            yield pickle.loads(payload)  # noqa: S301 - our own process
