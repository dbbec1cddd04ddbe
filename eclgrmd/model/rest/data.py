"""Data files, as REST shows them, and the query of an upload."""

from datetime import datetime
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from eclgrmd.model.messages.incoming import FileName, Sha256
from eclgrmd.model.names import Identifier

__all__ = ["DataFile", "DataPage", "DataState", "Upload"]

DataState = Literal["accepted", "refused"]
"""Verdicts on a data file."""


class Upload(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of an upload."""

    burst_id: Identifier
    """Burst that the file belongs to."""
    name: FileName
    """Name of the file."""
    sha256: Sha256 | UnsetType = UNSET
    """Checksum that the content must have."""


class DataFile(Struct, frozen=True, kw_only=True):
    """A received data file, with the verdict on it."""

    id: int
    """Number of the file."""
    burst_id: str
    """Burst that the file belongs to."""
    name: str
    """File name; one burst may have files of the same name with different contents."""
    sha256: str
    """Checksum, 64 hexadecimal digits."""
    size: int
    """Size, bytes."""
    state: DataState
    """Whether the file can be analysed."""
    reason: str
    """Why the file was refused; empty: it was accepted."""
    kind: str | None
    """Kind of the file, recognised by its headers; null: not recognised."""
    instrument: str | None
    """Instrument that the headers name; null: none."""
    received_at: datetime
    """When the file was received."""
    cleaned_at: datetime | None
    """When the clean-up removed the file; null: it is still there."""
    description: dict[str, Any] | None
    """Values read from the headers; null: the file was not read."""


class DataPage(Struct, frozen=True, kw_only=True):
    """A page of data files."""

    data: list[DataFile]
    """The files, in the order in which they were received."""
    next: str | None
    """Path of the next page; null: this is the last one."""
