"""Rows of the table `data_file`, as they are read."""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

__all__ = ["DataRow"]


class DataRow(Struct, frozen=True, kw_only=True):
    """A file as the table holds it; times are UTC, without zone."""

    id: int
    burst_id: str
    name: str
    sha256: str
    """64 hex digits."""
    size: int
    """Bytes."""
    path: str
    """Relative to the file store; empty: it was not kept."""
    state: Literal["accepted", "refused"]
    reason: str
    """Why it was refused; empty: accepted."""
    kind: str | None
    """What it holds, as recognised by its headers."""
    instrument: str | None
    received_at: datetime
    cleaned_at: datetime | None
    description: dict[str, Any] | None
    """What its headers told."""

    @property
    def is_here(self) -> bool:
        """Return whether the file was accepted and not cleaned."""
        return self.state == "accepted" and self.cleaned_at is None
