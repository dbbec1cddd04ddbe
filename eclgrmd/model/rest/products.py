"""Products of tasks, as REST shows them."""

from datetime import datetime

from msgspec import Struct

__all__ = ["Product", "ProductPage"]


class Product(Struct, frozen=True, kw_only=True):
    """A product of a task, with what is shown of the task."""

    task_id: str
    """Task that produced it."""
    name: str
    """File name, unique within the task."""
    burst_id: str
    """Burst that the task analysed."""
    kind: str
    """What the file contains, for example `result` or `figure`."""
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
    series: str
    """Series of the task; empty: a sent task."""
    proc_ver: int
    """Processing version of the task, from 1."""
    incomplete: str
    """Data that were still missing when the task was made; empty: none."""
    superseded_by: str | None
    """Task with a newer version of the same analysis; null: this is the newest."""
    link: str
    """URL of the file."""


class ProductPage(Struct, frozen=True, kw_only=True):
    """A page of products."""

    products: list[Product]
    """The products."""
    next: str | None
    """Path of the next page; null: this is the last one."""
