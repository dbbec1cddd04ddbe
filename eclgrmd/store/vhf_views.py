"""Tables of the alert network as people ask for them."""

import msgspec

from .connections import Row
from .paging import Page, read_page
from .transaction import Transaction

__all__ = ["notices", "vhf_update", "vhf_updates", "vhf_view"]


async def vhf_view(transaction: Transaction, burst_id: str) -> Row | None:
    """Tell the newest that the quick look knows, what notices say, and how good it was."""
    row = await transaction.row(
        "SELECT state, reason, version, announced, proc_ver, notices, newest, changed_at, "
        "(SELECT COUNT(*) FROM packet p WHERE p.burst_id = vhf.burst_id) AS packets "
        "FROM vhf WHERE burst_id = %(burst)s",
        burst=burst_id,
    )
    if row is None:
        return None
    compared = await transaction.rows(
        "SELECT body FROM vhf_comparison WHERE burst_id = %(burst)s ORDER BY at", burst=burst_id
    )
    return {
        **row,
        "notices": _decoded(row["notices"]),
        "newest": _decoded(row["newest"]),
        "comparisons": [_decoded(each["body"]) for each in compared],
    }


async def vhf_updates(transaction: Transaction, burst_id: str, after: int, limit: int) -> Page:
    """List the updates of a burst by version; `why` is empty where one was not announced."""

    async def sizes(last: Row | None, number: int) -> list[Row]:
        return await transaction.rows(
            "SELECT version, LENGTH(body) AS bytes FROM vhf_update WHERE burst_id = %(burst)s "
            "AND version > %(after)s ORDER BY version LIMIT %(number)s",
            burst=burst_id,
            after=last["version"] if last else after,
            number=number,
        )

    async def whole(found: list[Row]) -> list[Row]:
        rows = await transaction.rows(
            "SELECT version, why, at, body FROM vhf_update WHERE burst_id = %(burst)s "
            "AND version IN %(versions)s ORDER BY version",
            burst=burst_id,
            versions=tuple(row["version"] for row in found),
        )
        return [{**row, "body": _decoded(row["body"])} for row in rows]

    return await read_page(sizes, whole, limit)


async def vhf_update(transaction: Transaction, burst_id: str, version: int) -> Row | None:
    """Find one update."""
    found = await vhf_updates(transaction, burst_id, version - 1, 1)
    return found[0] if found and found[0]["version"] == version else None


async def notices(transaction: Transaction, burst_id: str) -> list[Row]:
    """List the notices of a burst in the order in which they came."""
    rows = await transaction.rows(
        "SELECT notice, received_at FROM notice WHERE burst_id = %(burst)s ORDER BY notice_id",
        burst=burst_id,
    )
    return [{**(_decoded(r["notice"]) or {}), "received_at": r["received_at"]} for r in rows]


def _decoded(text: str | None) -> dict[str, object] | None:
    return None if text is None else msgspec.json.decode(text, type=dict[str, object])
