"""Removal of old packets and products, but none of a burst that still receives packets."""

from datetime import datetime

from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.store.intake.bursts import lock_burst
from eclgrmd.store.sql.transaction import Transaction

__all__ = ["clean_packets", "clean_quick_look_products", "quick_look_bytes"]

_ANNOUNCED = (
    "NOT EXISTS (SELECT 1 FROM outbox o WHERE o.published_at IS NULL AND o.message_id = "
    "CONCAT('vhf-products-', p.burst_id, '-', p.proc_ver))"
)


class _Product(Struct, frozen=True):
    burst_id: str
    proc_ver: int
    name: str
    path: str
    size: int


async def quick_look_bytes(transaction: Transaction) -> int:
    """Return the size of all packets and products that are kept, bytes."""
    size = await transaction.value(
        int,
        "SELECT CAST((SELECT COALESCE(SUM(packet_bytes), 0) FROM vhf) + "
        "(SELECT COALESCE(SUM(size), 0) FROM vhf_product WHERE cleaned_at IS NULL) AS SIGNED)",
    )
    return size or 0


async def clean_quick_look_products(
    transaction: Transaction, before: datetime, limit: int
) -> list[tuple[str, int]]:
    """Mark announced products from before `before` as cleaned; return their paths and sizes.

    Sets that a later one supersedes are cleaned first. The caller removes the files.
    """
    rows = await transaction.rows(
        _Product,
        "SELECT p.burst_id, p.proc_ver, p.name, p.path, p.size FROM vhf_product p "
        "JOIN vhf v ON v.burst_id = p.burst_id WHERE v.state <> 'receiving' "
        f"AND p.cleaned_at IS NULL AND p.created_at < %(before)s AND {_ANNOUNCED} "
        "ORDER BY p.proc_ver < v.proc_ver DESC, p.created_at LIMIT %(limit)s",
        before=before,
        limit=limit,
    )
    for row in rows:
        transaction.later(
            "UPDATE vhf_product SET cleaned_at = %(now)s WHERE burst_id = %(burst)s "
            "AND proc_ver = %(proc)s AND name = %(name)s",
            now=utc_now(),
            burst=row.burst_id,
            proc=row.proc_ver,
            name=row.name,
        )
    return [(row.path, row.size) for row in rows]


async def clean_packets(transaction: Transaction, before: datetime) -> int:
    """Delete the packets of one burst that received none since `before`; return their bytes.

    Bursts that still receive packets are left alone; superseded ones come first.
    """
    burst_id = await transaction.value(
        str,
        "SELECT burst_id FROM vhf WHERE packet_bytes > 0 AND packet_at < %(before)s "
        "AND state <> 'receiving' ORDER BY state = 'superseded' DESC, packet_at LIMIT 1",
        before=before,
    )
    if burst_id is None:
        return 0
    lock_burst(transaction, burst_id)
    kept = await transaction.value(
        int,
        "SELECT packet_bytes FROM vhf WHERE burst_id = %(burst)s "
        "AND state <> 'receiving' FOR UPDATE",
        burst=burst_id,
    )
    if not kept:
        return 0
    transaction.later("DELETE FROM packet WHERE burst_id = %(burst)s", burst=burst_id)
    transaction.later("UPDATE vhf SET packet_bytes = 0 WHERE burst_id = %(burst)s", burst=burst_id)
    return kept
