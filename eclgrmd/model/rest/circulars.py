"""The request to set a circular beside a result."""

from typing import Annotated

from msgspec import Meta, Struct

from eclgrmd.model.names import Identifier

__all__ = ["CircularWanted"]


class CircularWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A circular to set beside a result."""

    text: Annotated[str, Meta(min_length=1, max_length=20_000)]
    """The text of the circular, as it was sent."""
    task: Identifier | None = None
    """Task whose result it is set beside; null: the main one, which is the result of record, or
    else that of the last analysis of the whole burst, or else of the last one."""
