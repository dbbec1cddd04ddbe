"""Frames of binary packets with a correct checksum."""

import random
import struct
from zlib import crc32

from .mutate import mutated

__all__ = ["framed", "mutated_frame"]

_TAIL = 4
"""Bytes of the checksum."""


def framed(body: bytes) -> bytes:
    """Return a body in a frame whose length and checksum are right."""
    return _checked(struct.pack("!4sBI", b"EVHF", 1, len(body)) + body)


def mutated_frame(frame: bytes, draw: random.Random) -> bytes:
    """Return a damaged frame, most of them with the checksum of what they are now."""
    if draw.random() < 0.2:
        return mutated(frame, draw)
    return _checked(mutated(frame[:-_TAIL], draw))


def _checked(content: bytes) -> bytes:
    return content + struct.pack("!I", crc32(content))
