"""Table `product`: the files that tasks produced."""

from datetime import datetime

from msgspec import UNSET, Struct

from eclgrmd.clock import utc_now
from eclgrmd.model.pipeline import ProductFile
from eclgrmd.model.rest.queries import AgeOrder, ProductQuery
from eclgrmd.store.sql.filters import given, time_of
from eclgrmd.store.sql.transaction import Answer, Transaction

__all__ = [
    "MainSteps",
    "ProductRow",
    "ResultFile",
    "main_result",
    "main_steps",
    "product",
    "product_page",
    "products",
    "record_products",
    "results",
    "step_outcomes",
]

_VIEW = (
    "p.task_id, p.name, p.burst_id, p.kind, p.media_type, p.size, p.sha256, p.path, "
    "p.created_at, p.cleaned_at, t.series, t.proc_ver, t.incomplete, t.superseded_by "
    "FROM product p JOIN task t ON t.task_id = p.task_id"
)


class ProductRow(Struct, frozen=True):
    """A product of a task, with what is shown of the task; times are UTC without zone."""

    task_id: str
    """Task that produced it."""
    name: str
    """File name, unique within the task."""
    burst_id: str
    """Burst that the task analysed."""
    kind: str
    """What the file contains, for example `result`."""
    media_type: str
    """MIME type."""
    size: int
    """Size, bytes."""
    sha256: str
    """Checksum, 64 hexadecimal digits."""
    path: str
    """Path relative to the file store."""
    created_at: datetime
    """When it was recorded."""
    cleaned_at: datetime | None
    """When the clean-up removed the file; None: it is still there."""
    series: str
    """Series of the task; empty: a sent task."""
    proc_ver: int
    """PROC_VER of the task, from 1."""
    incomplete: str
    """Data that were still missing when the task was made; empty: none."""
    superseded_by: str | None
    """Task with a newer version of the same analysis; None: this is the newest."""


def record_products(
    transaction: Transaction,
    *,
    task_id: str,
    burst_id: str,
    folder: str,
    files: tuple[ProductFile, ...],
) -> None:
    """Record the products of a task, which are in `folder` (relative to the file store)."""
    now = utc_now()
    for file in files:
        transaction.later(
            "INSERT INTO product "
            "(task_id, name, burst_id, kind, media_type, size, sha256, path, created_at) VALUES "
            "(%(task)s, %(name)s, %(burst)s, %(kind)s, %(media_type)s, %(size)s, %(sha256)s, "
            "%(path)s, %(now)s)",
            task=task_id,
            name=file.name,
            burst=burst_id,
            kind=file.kind,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            path=f"{folder}/{file.name}",
            now=now,
        )


async def product(transaction: Transaction, task_id: str, name: str) -> ProductRow | None:
    """Find one product."""
    return await transaction.row(
        ProductRow,
        f"SELECT {_VIEW} WHERE p.task_id = %(task)s AND p.name = %(name)s",
        task=task_id,
        name=name,
    )


def step_outcomes(transaction: Transaction, task_id: str) -> Answer[str]:
    """Query the path of the kept step outcomes of a task; there is no row if none are kept."""
    return transaction.ask(
        str,
        "SELECT path FROM product WHERE task_id = %(task)s AND kind = 'steps' "
        "AND cleaned_at IS NULL",
        task=task_id,
    )


_MAIN = (
    "(t.task_id <=> b.record_task) DESC, (t.analysis = 'burst') DESC, t.finished_at DESC, t.task_id"
)
"""Order of a burst's tasks in which the main one is the first: the result of record, or else the
last analysis of the whole burst, or else the last one."""


class MainSteps(Struct, frozen=True):
    """The kept step outcomes of a task, with the request of the task."""

    task_id: str
    """The task."""
    request: str
    """Its request, JSON."""
    path: str
    """Path of the outcomes relative to the file store."""


async def main_steps(
    transaction: Transaction, burst_id: str, task_id: str = ""
) -> MainSteps | None:
    """Return the kept step outcomes of a task; of the main one of the burst if it is not named."""
    return await transaction.row(
        MainSteps,
        "SELECT t.task_id, t.request, p.path FROM task t JOIN product p ON p.task_id = t.task_id "
        "JOIN burst b ON b.burst_id = t.burst_id "
        "WHERE t.burst_id = %(burst)s AND (%(task)s = '' OR t.task_id = %(task)s) "
        "AND p.kind = 'steps' AND p.cleaned_at IS NULL "
        f"ORDER BY {_MAIN} LIMIT 1",
        burst=burst_id,
        task=task_id,
    )


async def products(
    transaction: Transaction, *, burst_id: str = "", task_id: str = "", limit: int = 1000
) -> list[ProductRow]:
    """Return products of a burst or a task by time of creation."""
    chosen = ProductQuery(burst_id=burst_id or UNSET, task_id=task_id or UNSET, limit=limit)
    return await product_page(transaction, chosen)


async def product_page(
    transaction: Transaction, query: ProductQuery, after: tuple[datetime, str, str] | None = None
) -> list[ProductRow]:
    """Return a page of products.

    Parameters
    ----------
    after
        Time of creation, task and name of the product before the first one; None: the first ones.
    """
    beyond, way = ("<", "DESC") if query.sort is AgeOrder.NEWEST else (">", "ASC")
    at, after_task, after_name = after or (None, "", "")
    return await transaction.rows(
        ProductRow,
        f"SELECT {_VIEW} WHERE (%(burst)s IS NULL OR p.burst_id = %(burst)s) "
        "AND (%(task)s IS NULL OR p.task_id = %(task)s) "
        "AND (%(kind)s IS NULL OR p.kind = %(kind)s) "
        "AND (%(superseded)s IS NULL OR (t.superseded_by IS NOT NULL) = %(superseded)s) "
        "AND (%(from_time)s IS NULL OR p.created_at >= %(from_time)s) "
        "AND (%(to_time)s IS NULL OR p.created_at < %(to_time)s) "
        "AND (%(text)s IS NULL OR LOCATE(LOWER(%(text)s), LOWER(p.name))) "
        f"AND (%(at)s IS NULL OR (p.created_at {beyond}= %(at)s AND "
        f"(p.created_at, p.task_id, p.name) {beyond} (%(at)s, %(after_task)s, %(after_name)s))) "
        f"ORDER BY p.created_at {way}, p.task_id {way}, p.name {way} LIMIT %(limit)s",
        burst=given(query.burst_id),
        task=given(query.task_id),
        kind=given(query.kind),
        superseded=given(query.superseded),
        from_time=time_of(query.created_from),
        to_time=time_of(query.created_to),
        text=given(query.text),
        at=at,
        after_task=after_task,
        after_name=after_name,
        limit=query.limit,
    )


class ResultFile(Struct, frozen=True):
    """Where the result of a task is."""

    task_id: str
    """Task that made it."""
    path: str
    """Path relative to the file store."""


async def main_result(
    transaction: Transaction, burst_id: str, task_id: str = ""
) -> ResultFile | None:
    """Return the result of a task; that of the main one of the burst if it is not named."""
    return await transaction.row(
        ResultFile,
        "SELECT p.task_id, p.path FROM product p JOIN task t ON t.task_id = p.task_id "
        "JOIN burst b ON b.burst_id = t.burst_id "
        "WHERE p.burst_id = %(burst)s AND (%(task)s = '' OR p.task_id = %(task)s) "
        "AND p.kind = 'result' AND p.name = 'result.json' AND p.cleaned_at IS NULL "
        "AND (%(task)s <> '' OR t.superseded_by IS NULL OR t.task_id = b.record_task) "
        f"ORDER BY {_MAIN} LIMIT 1",
        burst=burst_id,
        task=task_id,
    )


async def results(
    transaction: Transaction,
    *,
    after: str,
    limit: int,
    burst_id: str = "",
    superseded: bool = False,
) -> list[ResultFile]:
    """Return results that are still there, by id of the task; an empty filter matches everything.

    Results that newer versions of the same analysis supersede are left out, unless they are asked
    for. Of a burst with a result of record only this one is returned.
    """
    return await transaction.rows(
        ResultFile,
        "SELECT p.task_id, p.path FROM product p JOIN task t ON t.task_id = p.task_id "
        "JOIN burst b ON b.burst_id = p.burst_id WHERE p.kind = 'result' "
        "AND p.cleaned_at IS NULL AND p.task_id > %(after)s "
        "AND (%(burst)s = '' OR p.burst_id = %(burst)s) "
        "AND (%(superseded)s OR IF(b.record_task IS NULL, t.superseded_by IS NULL, "
        "b.record_task = p.task_id)) "
        "ORDER BY p.task_id LIMIT %(limit)s",
        after=after,
        burst=burst_id,
        superseded=superseded,
        limit=limit,
    )
