"""Numbers of rows and bytes in the whole database, for metrics."""

from datetime import datetime
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import asdict

from eclgrmd.clock import utc_now
from eclgrmd.model.task import FiguresState
from eclgrmd.store.sql.transaction import Transaction

__all__ = ["Counts", "count_everything"]


class Counts(NamedTuple):
    """Counts over the whole database."""

    tasks: dict[tuple[str, str], int]
    """Number of tasks by state and analysis."""
    queue_age_s: float
    """Age of the oldest task that is due, seconds; 0 if there is none."""
    figures: dict[FiguresState, int]
    """Number of tasks with figures by the state of these."""
    figures_age_s: float
    """Age of the oldest figures that are still to be drawn, seconds; 0 if there are none. It counts
    from the result, or from the first request for them."""
    transfers: int
    """Number of announced files that are still to be downloaded."""
    unannounced: int
    """Number of announcements that are not published yet."""
    data_bytes: int
    """Size of all kept data files, bytes."""
    product_bytes: int
    """Size of all kept products, bytes."""


class _Number(Struct, frozen=True):
    state: str
    analysis: str
    number: int


class _Figures(Struct, frozen=True):
    figures: FiguresState
    number: int


class _Sums(Struct, frozen=True):
    transfers: int
    unannounced: int
    data_bytes: int
    product_bytes: int


async def count_everything(transaction: Transaction) -> Counts:
    """Count rows and sum sizes; the queries take longer the more rows there are."""
    tasks = await transaction.rows(
        _Number, "SELECT state, analysis, COUNT(*) AS number FROM task GROUP BY state, analysis"
    )
    at = await transaction.value(
        datetime,
        "SELECT MIN(created_at) FROM task WHERE state = 'queued' AND due_at <= %(now)s",
        now=utc_now(),
    )
    figures = await transaction.rows(
        _Figures,
        "SELECT figures, COUNT(*) AS number FROM task WHERE figures <> 'none' GROUP BY figures",
    )
    wanted_at = await transaction.value(
        datetime,
        "SELECT MIN(COALESCE(figures_asked_at, finished_at)) FROM task "
        "WHERE figures IN ('queued', 'running')",
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
    if numbers is None:  # cannot happen: a query of sums always has a row
        raise LookupError("sums")
    return Counts(
        tasks={(row.state, row.analysis): row.number for row in tasks},
        queue_age_s=_age_s(at),
        figures={row.figures: row.number for row in figures},
        figures_age_s=_age_s(wanted_at),
        **asdict(numbers),
    )


def _age_s(at: datetime | None) -> float:
    return max((utc_now() - at).total_seconds(), 0.0) if at else 0.0
