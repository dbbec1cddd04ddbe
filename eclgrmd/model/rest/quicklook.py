"""The quick look at a burst, as REST shows it."""

from datetime import datetime
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from eclgrmd.model.quicklook.updates import QuickLookState

__all__ = [
    "QuickLook",
    "QuickLookOfBurst",
    "QuickLookProduct",
    "QuickLookProducts",
    "Received",
    "Update",
    "UpdatePage",
]


class QuickLook(Struct, frozen=True, kw_only=True):
    """All that the quick look knows of a burst."""

    state: QuickLookState
    """State of the quick look."""
    reason: str
    """Why it came to this state, or why the newest update was announced."""
    version: int
    """Version of the newest update, from 1; 0: there is none."""
    announced: int
    """Version of the last update that was announced; 0: none was."""
    proc_ver: int
    """Number of the newest set of products; 0: there is none."""
    changed_at: datetime
    """When the state or the newest update changed."""
    packets: int
    """Number of packets that are kept."""
    notices: dict[str, Any] | None
    """Summary of all notices; null: none came."""
    newest: dict[str, Any] | None
    """The newest update; null: there is none."""
    comparisons: list[dict[str, Any]]
    """Comparisons with results of the full data, oldest first."""


class QuickLookOfBurst(QuickLook, frozen=True, kw_only=True):
    """The quick look at a burst, with the notices."""

    burst_id: str
    """The burst."""
    received_notices: list[dict[str, Any]]
    """The notices, in the order of arrival."""


class Update(Struct, frozen=True, kw_only=True):
    """An update of the quick look."""

    version: int
    """From 1."""
    why: str
    """Why it was announced; empty: it was not."""
    at: datetime
    """When it was recorded."""
    body: dict[str, Any]
    """The results so far."""


class UpdatePage(Struct, frozen=True, kw_only=True):
    """A page of updates."""

    updates: list[Update]
    """The updates, by version."""
    next: str | None
    """Path of the next page; null: this is the last one."""


class QuickLookProduct(Struct, frozen=True, kw_only=True):
    """A product of the quick look."""

    proc_ver: int
    """Number of its set, from 1."""
    name: str
    """File name, unique within its set."""
    version: int
    """Version of the update that it shows."""
    kind: str
    """What it contains, for example `result`."""
    media_type: str
    """Media type."""
    size: int
    """Size, bytes."""
    sha256: str
    """Checksum, 64 hexadecimal digits."""
    created_at: datetime
    """When it was recorded."""
    cleaned_at: datetime | None
    """When the clean-up removed the file; null: it is still there."""
    state: Literal["current", "superseded", "withdrawn"]
    """Whether it is the newest one."""
    link: str
    """URL of the file."""


class QuickLookProducts(Struct, frozen=True, kw_only=True):
    """The products of a quick look."""

    products: list[QuickLookProduct]
    """The products, set by set."""


class Received(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A notice or packet that was stored."""

    kind: str
    """What it is."""
    burst_id: str
    """The burst that it belongs to."""
    new: bool
    """Whether it was not yet known."""
    link: str
    """Path of the quick look."""
    flags: list[str] | UnsetType = UNSET
    """Doubts about it; absent: none."""
