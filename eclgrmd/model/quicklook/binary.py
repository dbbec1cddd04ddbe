"""Compact binary form of packets: MessagePack in a frame with version, length and checksum.

All numbers of the frame are big-endian::

    4 bytes   "EVHF"
    u8        version of the frame, 1
    u32       length of the body, bytes
    body      the packet as a MessagePack map: keys and values as in its JSON form
    u32       CRC-32 (as of zlib) of all bytes before it

A count below 128 takes one byte.
"""

import struct
from zlib import crc32

import msgspec

from eclgrmd.errors import InputError
from eclgrmd.model.decode import decode_msgpack

from .packet import Packet, check_packet, packet_from_json

__all__ = ["MAGIC", "packet_from_binary", "packet_to_binary", "read_packet"]

MAGIC = b"EVHF"
"""First bytes of the binary form."""
_VERSION = 1
_HEAD = struct.Struct("!4sBI")
_TAIL = struct.Struct("!I")
_FRAME = _HEAD.size + _TAIL.size


def read_packet(payload: bytes) -> Packet:
    """Return the packet in a message of either form.

    Raises
    ------
    InputError
        With what is wrong.
    """
    return packet_from_binary(payload) if payload[:4] == MAGIC else packet_from_json(payload)


def packet_to_binary(packet: Packet) -> bytes:
    """Return the binary form of a packet."""
    body = msgspec.msgpack.encode(packet)
    frame = _HEAD.pack(MAGIC, _VERSION, len(body)) + body
    return frame + _TAIL.pack(crc32(frame))


def packet_from_binary(payload: bytes) -> Packet:
    """Return the packet in a message of the binary form.

    Raises
    ------
    InputError
        With what is wrong.
    """
    if len(payload) < _FRAME or payload[:4] != MAGIC:
        raise InputError("packet: is no binary packet, which begins with EVHF")
    _, version, length = _HEAD.unpack_from(payload)
    if version != _VERSION:
        raise InputError(f"packet: version {version} of the binary form, must be {_VERSION}")
    if len(payload) != _FRAME + length:
        raise InputError(f"packet: has {len(payload)} bytes, must have {_FRAME + length}")
    if _TAIL.unpack_from(payload, _HEAD.size + length)[0] != crc32(payload[: -_TAIL.size]):
        raise InputError("packet: its checksum is wrong: it was damaged on the way")
    packet: Packet = decode_msgpack(payload[_HEAD.size : -_TAIL.size], Packet, what="packet")
    check_packet(packet)
    return packet
