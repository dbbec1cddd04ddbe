"""How much there is of everything, for whoever watches the service."""

from typing import NamedTuple

from eclgrmd.clock import utc_now

from .connections import Row
from .transaction import Transaction

__all__ = ["Counts", "count_everything"]


class Counts(NamedTuple):
    """A look at the whole database."""

    tasks: dict[tuple[str, str], int]
    """By state and analysis."""
    queue_age_s: float
    """Age of the oldest queued task; 0 where none is queued."""
    transfers: int
    """Announced files that are neither here nor given up."""
    unannounced: int
    """Announcements not yet published."""
    data_bytes: int
    product_bytes: int


async def count_everything(transaction: Transaction) -> Counts:
    """Count; takes longer the more there is: not for every moment."""
    tasks = await transaction.rows(
        "SELECT state, analysis, COUNT(*) AS number FROM task GROUP BY state, analysis"
    )
    oldest = await transaction.row(
        "SELECT MIN(created_at) AS at FROM task WHERE state = 'queued' AND due_at <= %(now)s",
        now=utc_now(),
    )
    numbers: Row | None = await transaction.row(
        "SELECT (SELECT COUNT(*) FROM transfer WHERE state = 'open') AS transfers,"
        " (SELECT COUNT(*) FROM outbox WHERE published_at IS NULL) AS unannounced,"
        " (SELECT COALESCE(SUM(size), 0) FROM data_file WHERE cleaned_at IS NULL) AS data_bytes,"
        " (SELECT COALESCE(SUM(size), 0) FROM product WHERE cleaned_at IS NULL) +"
        " (SELECT COALESCE(SUM(size), 0) FROM vhf_product WHERE cleaned_at IS NULL)"
        " AS product_bytes"
    )
    at = oldest["at"] if oldest else None
    return Counts(
        tasks={(row["state"], row["analysis"]): int(row["number"]) for row in tasks},
        queue_age_s=max((utc_now() - at).total_seconds(), 0.0) if at else 0.0,
        **{name: int(value) for name, value in (numbers or {}).items()},
    )
