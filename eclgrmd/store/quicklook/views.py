"""The tables of the quick look as the REST interface shows them."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from eclgrmd.model.flags import with_texts
from eclgrmd.model.rest.quicklook import QuickLook, Update
from eclgrmd.store.sql.connections import Row
from eclgrmd.store.sql.paging import Page, Sized, read_page
from eclgrmd.store.sql.transaction import Transaction

__all__ = [
    "notices",
    "quick_look_view",
    "read_update",
    "read_updates",
]


class _Version(Sized, frozen=True):
    version: int


class _Text(Struct, frozen=True):
    text: str
    at: datetime


async def quick_look_view(transaction: Transaction, burst_id: str) -> QuickLook | None:
    """Return state, newest update, notices and comparisons of a burst; None: no quick look."""
    row = await transaction.row(
        Row,
        "SELECT state, reason, version, announced, proc_ver, notices, newest, changed_at, "
        "(SELECT COUNT(*) FROM packet p WHERE p.burst_id = vhf.burst_id) AS packets "
        "FROM vhf WHERE burst_id = %(burst)s",
        burst=burst_id,
    )
    if row is None:
        return None
    compared = await transaction.values(
        str,
        "SELECT body FROM vhf_comparison WHERE burst_id = %(burst)s ORDER BY at",
        burst=burst_id,
    )
    decoded = {
        "notices": _decoded(row["notices"]),
        "newest": _decoded(row["newest"]),
        "comparisons": [_decoded(each) for each in compared],
    }
    return msgspec.convert({**row, **decoded}, QuickLook)


async def read_updates(
    transaction: Transaction, burst_id: str, after: int, limit: int
) -> Page[Update]:
    """Return the updates of a burst by version; `why` is empty where one was not announced."""

    async def sizes(last: _Version | None, number: int) -> list[_Version]:
        return await transaction.rows(
            _Version,
            "SELECT version, LENGTH(body) AS bytes FROM vhf_update WHERE burst_id = %(burst)s "
            "AND version > %(after)s ORDER BY version LIMIT %(number)s",
            burst=burst_id,
            after=last.version if last else after,
            number=number,
        )

    async def whole(found: list[_Version]) -> list[Update]:
        rows = await transaction.rows(
            Row,
            "SELECT version, why, at, body FROM vhf_update WHERE burst_id = %(burst)s "
            "AND version IN %(versions)s ORDER BY version",
            burst=burst_id,
            versions=tuple(row.version for row in found),
        )
        return [msgspec.convert({**row, "body": _decoded(row["body"])}, Update) for row in rows]

    return await read_page(sizes, whole, limit)


async def read_update(transaction: Transaction, burst_id: str, version: int) -> Update | None:
    """Return an update; None: there is none."""
    found = await read_updates(transaction, burst_id, version - 1, 1)
    return found[0] if found and found[0].version == version else None


async def notices(transaction: Transaction, burst_id: str) -> list[dict[str, Any]]:
    """Return the notices of a burst in the order of arrival."""
    rows = await transaction.rows(
        _Text,
        "SELECT notice AS text, received_at AS at FROM notice WHERE burst_id = %(burst)s "
        "ORDER BY notice_id",
        burst=burst_id,
    )
    return [{**(_decoded(row.text) or {}), "received_at": row.at} for row in rows]


def _decoded(text: str | None) -> dict[str, Any] | None:
    """Decode a document; flags are given as their sentences."""
    if text is None:
        return None
    document: dict[str, Any] = with_texts(msgspec.json.decode(text, type=dict[str, Any]))
    return document
