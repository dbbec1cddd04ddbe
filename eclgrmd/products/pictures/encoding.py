"""Encoding of the data for pictures: JSON, or MessagePack with columns as bytes."""

import struct
from typing import Any

import msgspec
from msgspec import Struct

from eclgrmd.model.rest.pictures import PictureForm

__all__ = ["encode_picture"]


def encode_picture(value: Struct, form: PictureForm) -> bytes:
    """Return a value of `eclgrmd.model.rest.pictures` in one of its encodings."""
    if form is PictureForm.JSON:
        return msgspec.json.encode(value)
    return msgspec.msgpack.encode(_compact(value))


def _compact(value: Any) -> Any:
    """Return plain values, in which a list of numbers is a byte string of 64-bit floats."""
    if isinstance(value, Struct):
        return {
            field.encode_name: _compact(getattr(value, field.name))
            for field in msgspec.structs.fields(value)
        }
    if isinstance(value, list):
        if value and all(isinstance(each, float) for each in value):
            return struct.pack(f"<{len(value)}d", *value)
        return [_compact(each) for each in value]
    if isinstance(value, dict):
        return {key: _compact(each) for key, each in value.items()}
    return value
