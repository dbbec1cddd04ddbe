"""Table `product`: what tasks gave, and where it lies."""

from collections.abc import Iterable
from typing import Any

from eclgrmd.clock import utc_now
from eclgrmd.model.facts import ProductLink
from eclgrmd.model.pipeline import ProductFile

from .transaction import Answer, Transaction

__all__ = ["product", "product_links", "products", "record_products", "step_outcomes"]

_VIEW = (
    "p.task_id, p.name, p.burst_id, p.kind, p.media_type, p.size, p.sha256, p.path, "
    "p.created_at, p.cleaned_at, t.series, t.proc_ver, t.incomplete, t.superseded_by "
    "FROM product p JOIN task t ON t.task_id = p.task_id"
)


def record_products(
    transaction: Transaction,
    *,
    task_id: str,
    burst_id: str,
    folder: str,
    files: tuple[ProductFile, ...],
) -> None:
    """Record the products of a task, which lie in `folder` (relative to the file store)."""
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


def product_links(files: Iterable[ProductFile], place: str) -> tuple[ProductLink, ...]:
    """Tell where products are fetched: by name at `place`, a path of REST."""
    return tuple(
        ProductLink(
            name=file.name,
            kind=file.kind,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            link=f"{place}/{file.name}",
        )
        for file in files
    )


async def product(transaction: Transaction, task_id: str, name: str) -> dict[str, Any] | None:
    """Find one product."""
    return await transaction.row(
        f"SELECT {_VIEW} WHERE p.task_id = %(task)s AND p.name = %(name)s",
        task=task_id,
        name=name,
    )


def step_outcomes(transaction: Transaction, task_id: str) -> Answer:
    """Ask for the path of the outcomes of a task's steps; no row: there are none."""
    return transaction.ask(
        "SELECT path FROM product WHERE task_id = %(task)s AND kind = 'steps' "
        "AND cleaned_at IS NULL",
        task=task_id,
    )


async def products(
    transaction: Transaction, *, burst_id: str = "", task_id: str = "", limit: int = 1000
) -> list[dict[str, Any]]:
    """List products; empty filters let everything through."""
    return await transaction.rows(
        f"SELECT {_VIEW} WHERE (%(burst)s = '' OR p.burst_id = %(burst)s) "
        "AND (%(task)s = '' OR p.task_id = %(task)s) ORDER BY p.created_at, p.task_id, p.name "
        "LIMIT %(limit)s",
        burst=burst_id,
        task=task_id,
        limit=limit,
    )
