"""Files that may be cleaned: announced products, and data that no open task or figure needs."""

from datetime import datetime

from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.store.intake.bursts import lock_burst
from eclgrmd.store.sql.transaction import Transaction

__all__ = [
    "OldFile",
    "clean_data",
    "clean_products",
    "is_cleaned",
    "kept_bytes",
    "oldest_files",
]

_UNUSED = (
    "NOT EXISTS (SELECT 1 FROM task t JOIN task_input i ON i.task_id = t.task_id "
    "WHERE t.burst_id = data_file.burst_id AND i.name = data_file.name "
    "AND (t.state IN ('waiting', 'queued', 'running') OR t.figures IN ('queued', 'running')))"
)


class OldFile(Struct, frozen=True):
    """A product or data file that may be cleaned."""

    path: str
    """Path relative to the file store."""
    size: int
    """Size, bytes."""
    at: datetime
    """When it was written, UTC without zone."""
    burst_id: str
    """Burst that the file belongs to."""
    task_id: str | None = None
    """Task that made the product; None: a data file."""
    name: str = ""
    """File name."""
    data_id: int | None = None
    """Number of the data file; None: a product."""


async def kept_bytes(transaction: Transaction) -> int:
    """Return the size of all kept data files and products, bytes."""
    size = await transaction.value(
        int,
        "SELECT CAST((SELECT COALESCE(SUM(size), 0) FROM product WHERE cleaned_at IS NULL) "
        "+ (SELECT COALESCE(SUM(size), 0) FROM data_file WHERE cleaned_at IS NULL) AS SIGNED)",
    )
    return size or 0


async def oldest_files(
    transaction: Transaction, before: datetime, *, data: bool, limit: int
) -> list[OldFile]:
    """Return products (or data files) older than `before` that may be cleaned, oldest first."""
    if data:
        rows = await transaction.rows(
            OldFile,
            "SELECT path, size, received_at AS at, burst_id, name, data_id FROM data_file "
            "WHERE cleaned_at IS NULL AND path <> '' AND received_at < %(before)s "
            f"AND {_UNUSED} ORDER BY received_at LIMIT %(limit)s",
            before=before,
            limit=limit,
        )
    else:
        rows = await transaction.rows(
            OldFile,
            "SELECT p.path, p.size, p.created_at AS at, p.burst_id, p.task_id, p.name "
            "FROM product p WHERE p.cleaned_at IS NULL AND p.created_at < %(before)s "
            "AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.published_at IS NULL "
            "AND o.message_id IN (CONCAT('products-', p.task_id), CONCAT('figures-', p.task_id))) "
            "AND NOT EXISTS (SELECT 1 FROM task t WHERE t.task_id = p.task_id "
            "AND t.figures IN ('queued', 'running')) "
            "ORDER BY p.created_at LIMIT %(limit)s",
            before=before,
            limit=limit,
        )
    return rows


def clean_products(transaction: Transaction, files: list[OldFile]) -> None:
    """Mark products as cleaned."""
    for file in files:
        transaction.later(
            "UPDATE product SET cleaned_at = %(now)s WHERE task_id = %(task)s AND name = %(name)s",
            now=utc_now(),
            task=file.task_id,
            name=file.name,
        )


async def clean_data(transaction: Transaction, file: OldFile) -> bool:
    """Mark a data file as cleaned; return False if a new task needs it."""
    lock_burst(transaction, file.burst_id)
    return bool(
        await transaction.execute(
            "UPDATE data_file SET cleaned_at = %(now)s "
            f"WHERE data_id = %(id)s AND cleaned_at IS NULL AND {_UNUSED}",
            now=utc_now(),
            id=file.data_id,
        )
    )


async def is_cleaned(transaction: Transaction, file: OldFile) -> bool:
    """Lock the burst of a data file and return whether the file is still marked as cleaned."""
    lock_burst(transaction, file.burst_id)
    at = await transaction.value(
        datetime, "SELECT cleaned_at FROM data_file WHERE data_id = %(id)s", id=file.data_id
    )
    return at is not None
