"""How much there is of everything, for whoever watches the service."""

from datetime import datetime
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import asdict

from eclgrmd.clock import utc_now
from eclgrmd.store.sql.transaction import Transaction

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


class _Number(Struct, frozen=True):
    state: str
    analysis: str
    number: int


class _Sums(Struct, frozen=True):
    transfers: int
    unannounced: int
    data_bytes: int
    product_bytes: int


async def count_everything(transaction: Transaction) -> Counts:
    """Count; takes longer the more there is: not for every moment."""
    tasks = await transaction.rows(
        _Number, "SELECT state, analysis, COUNT(*) AS number FROM task GROUP BY state, analysis"
    )
    at = await transaction.value(
        datetime,
        "SELECT MIN(created_at) FROM task WHERE state = 'queued' AND due_at <= %(now)s",
        now=utc_now(),
    )
    numbers = await transaction.row(
        _Sums,
        "SELECT (SELECT COUNT(*) FROM transfer WHERE state = 'open') AS transfers,"
        " (SELECT COUNT(*) FROM outbox WHERE published_at IS NULL) AS unannounced,"
        " CAST((SELECT COALESCE(SUM(size), 0) FROM data_file WHERE cleaned_at IS NULL) AS SIGNED)"
        " AS data_bytes,"
        " CAST((SELECT COALESCE(SUM(size), 0) FROM product WHERE cleaned_at IS NULL) +"
        " (SELECT COALESCE(SUM(size), 0) FROM vhf_product WHERE cleaned_at IS NULL) AS SIGNED)"
        " AS product_bytes",
    )
    if numbers is None:  # a query of sums has a row in any case
        raise LookupError("sums")
    return Counts(
        tasks={(row.state, row.analysis): row.number for row in tasks},
        queue_age_s=max((utc_now() - at).total_seconds(), 0.0) if at else 0.0,
        **asdict(numbers),
    )
