"""Packed values are unpacked; anything else is refused at a bounded cost."""

import zlib
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec import Struct
from numpy.typing import NDArray

from eclgrmd.pipeline.packing import pack, unpack


class Kept(Struct, frozen=True):
    name: str
    """Any text."""
    values: NDArray[np.float64]
    """Any array."""


def packed(value: bytes, *arrays: tuple[str, tuple[int, ...], bytes]) -> bytes:
    return zlib.compress(msgspec.msgpack.encode([msgspec.Raw(value), arrays]))


VALUE = msgspec.msgpack.encode({"name": "a", "values": msgspec.msgpack.Ext(1, bytes(4))})


def test_what_was_packed_comes_back() -> None:
    found = unpack(pack(Kept("a", np.arange(3.0))), Kept, 10_000)
    assert found.name == "a"
    assert found.values.tolist() == [0.0, 1.0, 2.0]


def test_what_unpacks_to_more_than_may_be_is_not_unpacked() -> None:
    bomb = zlib.compress(bytes(100_000_000), 9)
    with pytest.raises(ValueError, match="larger than 1000 bytes"):
        unpack(bomb, Kept, 1000)


@pytest.mark.parametrize(
    "array",
    [
        ("|O", (1,), bytes(8)),
        ("zz", (1,), b""),
        ("|V999999999", (1,), b""),
        ("<f8", (-1, -1), bytes(16)),
        ("<f8", (2**62,), b""),
        ("f8,O", (1,), bytes(16)),
        ("<f8", (1,), bytes(7)),
        ("|V0", (1,), b"x"),
        ("(1000000,1000000)f8", (1,), b""),
        ("<f8,(1 2)f8", (1,), bytes(8)),  # found by fuzzing: numpy raised a SyntaxError
    ],
)
def test_an_array_that_is_none_is_told(array: tuple[str, tuple[int, ...], bytes]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - numpy's own sentences
        unpack(packed(VALUE, array), Kept)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no zlib",
        pack(Kept("a", np.arange(3.0)))[:-5],
        packed(VALUE),
        packed(b"\x91" * 100_000 + b"\xc0"),
        packed(b"\xc0"),
        zlib.compress(b"\x91" * 100_000 + b"\xc0"),
    ],
)
def test_what_was_not_packed_is_told(content: bytes) -> None:
    kind: Any = Kept
    with pytest.raises(ValueError):  # noqa: PT011 - msgspec's own sentences
        unpack(content, kind)
