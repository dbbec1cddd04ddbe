"""Kinds of settings: their ranges, and whether a new value needs a restart."""

from typing import Annotated

from msgspec import Meta
from msgspec.structs import FieldInfo

__all__ = ["AT_START", "Count", "Fixed", "Positive", "Seconds", "needs_restart"]

Positive = Annotated[float, Meta(gt=0)]
"""A number above 0."""
Count = Annotated[int, Meta(ge=1)]
"""An integer of at least 1."""
Seconds = Annotated[float, Meta(ge=0)]
"""A time of at least 0 s."""


class AtStart:
    """Marks a setting that is read only at the start, so that a new value needs a restart.

    All other settings are read at each use, so that a reload changes them at once.
    """


AT_START = AtStart()
Fixed = Annotated[str, AT_START]
"""A string that is read only at the start."""


def needs_restart(key: FieldInfo) -> bool:
    """Return whether a new value of this key takes effect only after a restart."""
    return AT_START in getattr(key.type, "__metadata__", ())
