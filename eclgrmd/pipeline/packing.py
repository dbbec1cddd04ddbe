"""Outcomes of steps as bytes: msgpack with arrays beside it, each different one once.

What is unpacked was checked against its type, and no code comes with it.
"""

import hashlib
import zlib
from typing import Any, TypeVar

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

__all__ = ["pack", "unpack"]

T = TypeVar("T")
_EXTENSION = 1
_OTHER_ERRORS = (zlib.error, TypeError, LookupError, ArithmeticError, RecursionError)
"""What numpy, zlib and msgspec raise of content that is not ours, beside ValueError."""
_LEVEL = 1
"""Fast: most of what can be gained are the zeros of responses."""


class _Array(Struct, frozen=True, array_like=True):
    dtype: str
    shape: tuple[int, ...]
    content: bytes


class _Packed(Struct, frozen=True, array_like=True):
    value: msgspec.Raw
    arrays: tuple[_Array, ...]


def pack(value: object) -> bytes:
    """Write a value of frozen dataclasses, tuples, tables and arrays; the same gives the same."""
    arrays: dict[bytes, int] = {}
    written: list[_Array] = []

    def reference(each: object) -> object:
        if isinstance(each, np.generic):
            return each.item()
        if not isinstance(each, np.ndarray):
            raise NotImplementedError(f"{type(each).__name__} cannot be packed")
        array = _Array(each.dtype.str, each.shape, each.tobytes())
        digest = hashlib.sha256(msgspec.msgpack.encode(array)).digest()
        if digest not in arrays:
            arrays[digest] = len(written)
            written.append(array)
        return msgspec.msgpack.Ext(_EXTENSION, arrays[digest].to_bytes(4, "big"))

    encoded = msgspec.msgpack.encode(value, enc_hook=reference)
    packed = _Packed(msgspec.Raw(encoded), tuple(written))
    return zlib.compress(msgspec.msgpack.encode(packed), _LEVEL)


def unpack(content: bytes, kind: type[T], most_bytes: int = 0) -> T:
    """Read what `pack` wrote.

    Parameters
    ----------
    content
        What was written.
    kind
        Type of the value.
    most_bytes
        Size that it may unpack to; 0: any.

    Raises
    ------
    ValueError
        If it is something else, or larger (msgspec's errors are ValueErrors).
    """
    try:
        return _unpacked(_inflated(content, most_bytes), kind)
    except _OTHER_ERRORS as error:
        raise ValueError(f"not packed here: {error}") from error


def _inflated(content: bytes, most_bytes: int) -> bytes:
    inflating = zlib.decompressobj()
    found = inflating.decompress(content, most_bytes)
    if not inflating.eof:
        raise ValueError(f"not packed here: cut short, or unpacks to more than {most_bytes} bytes")
    return found


def _unpacked(content: bytes, kind: type[T]) -> T:
    packed = msgspec.msgpack.decode(content, type=_Packed)
    arrays = [
        np.frombuffer(each.content, dtype=each.dtype).reshape(each.shape).copy()
        for each in packed.arrays
    ]

    def dereferenced(code: int, data: memoryview) -> NDArray[Any]:
        if code != _EXTENSION:
            raise ValueError(f"extension {code} is none of ours")
        return arrays[int.from_bytes(data, "big")]

    return msgspec.msgpack.decode(bytes(packed.value), type=kind, ext_hook=dereferenced)
