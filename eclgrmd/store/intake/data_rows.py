"""Typed rows of the table `data_file`."""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

__all__ = ["DataRow"]


class DataRow(Struct, frozen=True, kw_only=True):
    """A received file; times are UTC without zone."""

    id: int
    """Number of the row."""
    burst_id: str
    """Burst that the file belongs to."""
    name: str
    """File name; one burst may have files of the same name with different contents."""
    sha256: str
    """Checksum, 64 hexadecimal digits."""
    size: int
    """Size, bytes."""
    path: str
    """Path relative to the file store; empty: the file was not kept."""
    state: Literal["accepted", "refused"]
    """Whether the file can be analysed."""
    reason: str
    """Why the file was refused; empty: it was accepted."""
    kind: str | None
    """Kind of the file (a `FileKind`), recognised by its headers; None: not recognised."""
    instrument: str | None
    """Instrument that the headers name; None: none."""
    received_at: datetime
    """When the file was received."""
    cleaned_at: datetime | None
    """When the clean-up removed the file; None: it is still there."""
    description: dict[str, Any] | None
    """Values read from the headers; None: the file was not read."""

    @property
    def is_here(self) -> bool:
        """Return whether the file was accepted and not removed since."""
        return self.state == "accepted" and self.cleaned_at is None
