"""Serialisation of step outcomes: msgpack, with equal arrays stored once.

Unlike pickle, unpacking runs no code from the file, and checks values against their type.
"""

import hashlib
import re
import zlib
from typing import Any, TypeVar

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

__all__ = ["pack", "pack_loose", "pack_plain", "unpack", "unpack_loose", "unpack_plain"]

T = TypeVar("T")
_EXTENSION = 1
"""Number of our msgpack extension type: a reference to an array."""
_OTHER_ERRORS = (zlib.error, TypeError, LookupError, ArithmeticError, RecursionError)
"""Errors beside ValueError that numpy, zlib and msgspec raise for foreign content."""
_DTYPE = re.compile(r"[<>|][biufcSU][0-9]{1,5}", re.ASCII)
"""Names of the types of arrays that are read."""
_LEVEL = 1
"""The fastest compression: the main gain are the zeros of responses, which any level removes."""


class _Array(Struct, frozen=True, array_like=True):
    dtype: str
    shape: tuple[int, ...]
    content: bytes


class _Packed(Struct, frozen=True, array_like=True):
    value: msgspec.Raw
    arrays: tuple[_Array, ...]


class _ArrayView(Struct, frozen=True, array_like=True):
    dtype: str
    shape: tuple[int, ...]
    content: memoryview


class _PackedView(Struct, frozen=True, array_like=True):
    value: msgspec.Raw
    arrays: tuple[_ArrayView, ...]


def pack(value: object) -> bytes:
    """Return a value of dataclasses, dicts, tuples and arrays as bytes, always the same bytes."""
    return zlib.compress(pack_loose(value), _LEVEL)


def pack_loose(value: object) -> bytes:
    """Return a value as bytes like `pack`, but without compression."""
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
    return msgspec.msgpack.encode(_Packed(msgspec.Raw(encoded), tuple(written)))


def pack_plain(value: object) -> bytes:
    """Return a value as bytes like `pack`, but without compression, and equal arrays repeated.

    Meant for few large arrays: these can be used where they lie in a file (`unpack_plain`).
    """
    written: list[_Array] = []

    def reference(each: object) -> object:
        if not isinstance(each, np.ndarray):
            raise NotImplementedError(f"{type(each).__name__} cannot be packed")
        written.append(_Array(each.dtype.str, each.shape, each.tobytes()))
        return msgspec.msgpack.Ext(_EXTENSION, (len(written) - 1).to_bytes(4, "big"))

    encoded = msgspec.msgpack.encode(value, enc_hook=reference)
    return msgspec.msgpack.encode(_Packed(msgspec.Raw(encoded), tuple(written)))


def unpack(content: bytes, kind: type[T], most_bytes: int = 0) -> T:
    """Return a value from the bytes that `pack` made.

    Parameters
    ----------
    content
        The bytes.
    kind
        Type of the value.
    most_bytes
        Largest uncompressed size, bytes; 0: no limit.

    Raises
    ------
    ValueError
        If the content is anything else, or larger (msgspec's errors are ValueErrors).
    """
    try:
        return unpack_loose(_inflated(content, most_bytes), kind)
    except _OTHER_ERRORS as error:
        raise ValueError(f"not packed by eclgrmd: {error}") from error


def unpack_plain(content: memoryview, kind: type[T]) -> T:
    """Return a value from the bytes that `pack_plain` made; its arrays are read-only views of them.

    Raises
    ------
    ValueError
        If the content is anything else (msgspec's errors are ValueErrors).
    """
    try:
        packed = msgspec.msgpack.decode(content, type=_PackedView)
        arrays = [
            np.frombuffer(each.content, dtype=_dtype(each.dtype)).reshape(each.shape)
            for each in packed.arrays
        ]
        return _with_arrays(bytes(packed.value), arrays, kind)
    except _OTHER_ERRORS as error:
        raise ValueError(f"not packed by eclgrmd: {error}") from error


def _inflated(content: bytes, most_bytes: int) -> bytes:
    inflating = zlib.decompressobj()
    found = inflating.decompress(content, most_bytes)
    if not inflating.eof:
        raise ValueError(f"not packed by eclgrmd: truncated, or larger than {most_bytes} bytes")
    return found


def unpack_loose(content: bytes, kind: type[T]) -> T:
    """Return a value from the bytes that `pack_loose` made."""
    packed = msgspec.msgpack.decode(content, type=_Packed)
    arrays = [
        np.frombuffer(each.content, dtype=_dtype(each.dtype)).reshape(each.shape).copy()
        for each in packed.arrays
    ]
    return _with_arrays(bytes(packed.value), arrays, kind)


def _dtype(name: str) -> np.dtype[Any]:
    """Return a type of numbers or texts by the name that numpy gives it.

    Anything else is refused before numpy parses it as an expression, or makes objects.
    """
    if not _DTYPE.fullmatch(name):
        raise ValueError(f"array of type {name[:20]!r}: must be one of numbers or texts")
    return np.dtype(name)


def _with_arrays(value: bytes, arrays: list[NDArray[Any]], kind: type[T]) -> T:
    """Return the decoded value, with its references replaced by the arrays."""

    def dereferenced(code: int, data: memoryview) -> NDArray[Any]:
        if code != _EXTENSION:
            raise ValueError(f"msgpack extension {code}: must be {_EXTENSION}")
        return arrays[int.from_bytes(data, "big")]

    return msgspec.msgpack.decode(value, type=kind, ext_hook=dereferenced)
