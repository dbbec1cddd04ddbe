"""The protocol between daemon and worker: values in msgpack, each preceded by its length.

A worker reads files from outside, so the daemon does not trust it: what it sends is decoded as one
of a few known types, and never runs code (as pickle would).
"""

import struct
from collections.abc import Iterator, Mapping
from io import BufferedReader

import msgspec
from msgspec import Raw, Struct

from eclgrmd import __version__

from .sandbox import Sandbox

__all__ = [
    "Call",
    "Done",
    "EndAt",
    "Failed",
    "FromWorker",
    "LogLine",
    "Outcome",
    "Ready",
    "Scalar",
    "ToWorker",
    "WorkerSetUp",
    "frames_in",
    "pack",
    "packed_call",
    "plain",
    "receive",
    "scalar",
    "utf8_text",
]

Scalar = str | int | float | bool | None
"""What a field of a log line, or an argument of an error, may be."""
_LENGTH = struct.Struct("!Q")
"""Length of the packed value, bytes: 8 bytes, big-endian."""
_LEAST_INTEGER, _MOST_INTEGER = -(1 << 63), (1 << 64) - 1
"""The integers of msgpack."""
_MOST_BYTES = 1 << 28
"""Longest frame that is accepted from a worker; the largest, a catalogue, is far smaller."""


class WorkerSetUp(Struct, frozen=True, tag=True):
    """First frame to a worker: limits, and what to do before the first call."""

    memory_limit_bytes: int | None
    """Most bytes of data that the process may hold; None: no limit."""
    warm: tuple[str, ...]
    """Targets to call before the first `Call`."""
    nice: int = 0
    """Increment of the scheduling priority's nice value, from 0 to 19."""
    sandbox: Sandbox | None = None
    """What the process may reach; None: everything."""
    version: str = __version__
    """Version of the daemon. A worker of another version refuses to start: an upgrade may have
    replaced the code since the daemon started."""


class Ready(Struct, frozen=True, tag=True):
    """Frame from a worker that is ready for calls."""


class Call(Struct, frozen=True, tag=True):
    """Frame to a worker: a function to call."""

    target: str
    """``module:name`` of the function; the daemon itself need not be able to import it."""
    args: tuple[Raw, ...]
    """Positional arguments, packed; the worker decodes each as the type of its parameter."""
    context: dict[str, Scalar] = {}
    """Fields of all log lines of the function."""
    background: bool = False
    """Whether to compute it at the lowest scheduling priority."""
    sandbox: Sandbox | None = None
    """What the call may reach of what the process may; None: all."""


class EndAt(Struct, frozen=True, tag=True):
    """Frame to a worker that computes a `Call`: when the process must end itself."""

    moment_s: float
    """Time on the monotonic clock, seconds."""


class Done(Struct, frozen=True, tag=True):
    """Frame from a worker: the function returned."""

    value: Raw
    """The result, packed; the daemon decodes it as the type that the function returns."""


class Failed(Struct, frozen=True, tag=True):
    """Frame from a worker: the function raised an error (see `reports`)."""

    summary: str
    """Class and text of the error."""
    traceback: str = ""
    """The traceback as text, in several lines."""
    name: str = ""
    """Name of the error's class; empty: the daemon may not know it."""
    args: tuple[Scalar, ...] = ()
    """Arguments from which the error is made."""
    delay_s: float | None = None
    """Time to wait before a retry, seconds; None: the error has none."""


class LogLine(Struct, frozen=True, tag=True):
    """Frame from a worker: a log line."""

    fields: dict[str, Scalar]
    """The fields of the line."""


Outcome = Done | Failed
"""How a call ended."""
ToWorker = WorkerSetUp | Call | EndAt
"""A frame to a worker."""
FromWorker = Ready | Done | Failed | LogLine
"""A frame from a worker."""
_TO_WORKER: msgspec.msgpack.Decoder[ToWorker] = msgspec.msgpack.Decoder(ToWorker)
_FROM_WORKER: msgspec.msgpack.Decoder[FromWorker] = msgspec.msgpack.Decoder(FromWorker)


def receive(stream: BufferedReader) -> ToWorker:
    """Read the next frame from the daemon; raise EOFError at the end of the stream."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    return _TO_WORKER.decode(stream.read(*_LENGTH.unpack(head)))


def pack(frame: ToWorker | FromWorker) -> bytes:
    """Encode a frame as its length and its value in msgpack.

    Raises
    ------
    TypeError, OverflowError, RecursionError
        If a value cannot be represented.
    """
    payload = msgspec.msgpack.encode(frame)
    return _LENGTH.pack(len(payload)) + payload


def packed_call(
    target: str,
    args: tuple[object, ...],
    context: Mapping[str, object],
    *,
    background: bool,
    sandbox: Sandbox | None = None,
) -> bytes:
    """Encode a `Call`."""
    packed = tuple(Raw(msgspec.msgpack.encode(each)) for each in args)
    return pack(Call(target, packed, plain(context), background, sandbox))


def plain(fields: Mapping[str, object]) -> dict[str, Scalar]:
    """Return log fields as simple values: others as text."""
    return {utf8_text(key): scalar(value) for key, value in fields.items()}


def scalar(value: object) -> Scalar:
    """Return a value that a frame can hold: what is not simple becomes text."""
    match value:
        case bool() | float() | None:
            return value
        case int() if _LEAST_INTEGER <= value <= _MOST_INTEGER:
            return value
        case _:
            return utf8_text(str(value))


def utf8_text(text: str) -> str:
    """Return a text without surrogates, which stand for invalid bytes and cannot be sent."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def frames_in(buffer: bytearray) -> Iterator[FromWorker]:
    """Take the complete frames of a worker off the front of a buffer.

    Raises
    ------
    ValueError, RecursionError
        If a frame is too long or not of a known type.
    """
    while len(buffer) >= _LENGTH.size:
        length: int = _LENGTH.unpack_from(buffer)[0]
        if length > _MOST_BYTES:
            raise ValueError(f"a frame of {length} bytes: must have at most {_MOST_BYTES}")
        end = _LENGTH.size + length
        if len(buffer) < end:
            return
        payload = bytes(memoryview(buffer)[_LENGTH.size : end])
        del buffer[:end]
        yield _FROM_WORKER.decode(payload)
