"""Table `vhf_product`: products of the quick look, in sets."""

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.model.messages.facts import QuickLookProductsFact
from eclgrmd.model.messages.product_links import product_links
from eclgrmd.model.names import path_part
from eclgrmd.model.pipeline import ProductFile
from eclgrmd.model.quicklook.notice import BurstNotices
from eclgrmd.model.quicklook.updates import QuickLookState, QuickLookUpdate
from eclgrmd.store.intake.bursts import lock_burst
from eclgrmd.store.intake.outbox import announce
from eclgrmd.store.sql.announcement import caused_by, quick_look_id, quick_look_products_id
from eclgrmd.store.sql.transaction import Transaction

__all__ = [
    "DueProducts",
    "QuickLookProductRow",
    "QuickLookProductState",
    "due_products",
    "quick_look_product",
    "quick_look_products",
    "record_quick_look_products",
    "skip_products",
]

_COLUMNS = "proc_ver, name, version, kind, media_type, size, sha256, path, created_at"
_VIEW = f"{_COLUMNS}, cleaned_at"


class DueProducts(NamedTuple):
    """A burst with an announced update that no product shows yet."""

    burst_id: str
    """The burst."""
    version: int
    """Version of the announced update that the products are to show."""
    proc_ver: int
    """Number of the set to be made, from 1."""
    update: QuickLookUpdate
    """That update."""
    notices: BurstNotices | None
    """Summary of the notices; None: none came."""
    last_packet: int
    """Newest packet that the update rests on."""


class QuickLookProductRow(Struct, frozen=True):
    """A product of the quick look; times are UTC, without zone."""

    proc_ver: int
    """Number of its set, from 1."""
    name: str
    """File name, unique within its set."""
    version: int
    """Version of the update that it shows."""
    kind: str
    """What it holds, as `result`."""
    media_type: str
    """Media type, as `application/fits`."""
    size: int
    """Bytes."""
    sha256: str
    """64 hex digits."""
    path: str
    """Relative to the file store."""
    created_at: datetime
    """When it was recorded."""
    cleaned_at: datetime | None
    """When its file was removed; None: it is there."""


class QuickLookProductState(QuickLookProductRow, frozen=True):
    """A product of the quick look in a list."""

    state: str
    """`current`, `superseded` or `withdrawn`."""


class _Due(Struct, frozen=True):
    burst_id: str
    announced: int
    announced_update: str
    proc_ver: int
    notices: str | None
    analysed_packet: int


class _Held(Struct, frozen=True):
    proc_ver: int
    state: QuickLookState


async def due_products(transaction: Transaction, limit: int) -> list[DueProducts]:
    """Return bursts whose products are due; skip updates in an older version's form."""
    rows = await transaction.rows(
        _Due,
        # The index covers the inner query over bursts of years; only rows that are due are read.
        "SELECT v.burst_id, v.announced, v.announced_update, v.proc_ver, v.notices, "
        "v.analysed_packet FROM (SELECT burst_id FROM vhf WHERE announced <> produced "
        "AND (produce_at IS NULL OR produce_at <= %(now)s) AND state IN ('receiving', 'final')) "
        "AS due STRAIGHT_JOIN vhf v ON v.burst_id = due.burst_id "
        "WHERE v.announced_update IS NOT NULL ORDER BY v.changed_at LIMIT %(limit)s",
        now=utc_now(),
        limit=limit,
    )
    found = []
    for row in rows:
        try:
            found.append(_due(row))
        except msgspec.DecodeError:
            _skip(transaction, row.burst_id, row.announced)
    return found


async def record_quick_look_products(
    transaction: Transaction,
    due: DueProducts,
    files: tuple[ProductFile, ...],
    folder: str,
    pause_s: float,
) -> bool:
    """Record a set and announce it; return False if another set was faster."""
    lock_burst(transaction, due.burst_id)
    row = await transaction.row(
        _Held,
        "SELECT proc_ver, state FROM vhf WHERE burst_id = %(burst)s FOR UPDATE",
        burst=due.burst_id,
    )
    if row is None or row.proc_ver + 1 != due.proc_ver:
        return False
    now = utc_now()
    goes_on = row.state is QuickLookState.RECEIVING
    await transaction.execute(
        "UPDATE vhf SET proc_ver = %(proc)s, produced = %(version)s, produce_at = %(at)s "
        "WHERE burst_id = %(burst)s",
        proc=due.proc_ver,
        version=due.version,
        at=now + timedelta(seconds=pause_s) if goes_on else None,
        burst=due.burst_id,
    )
    for file in files:
        transaction.later(
            f"INSERT INTO vhf_product (burst_id, {_COLUMNS}) VALUES "
            "(%(burst)s, %(proc)s, %(name)s, %(version)s, %(kind)s, %(media_type)s, %(size)s, "
            "%(sha256)s, %(path)s, %(now)s)",
            burst=due.burst_id,
            proc=due.proc_ver,
            name=file.name,
            version=due.version,
            kind=file.kind,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            path=f"{folder}/{file.name}",
            now=now,
        )
    fact = QuickLookProductsFact(
        at=now.isoformat() + "Z",
        burst_id=due.burst_id,
        causes=caused_by(quick_look_id(due.burst_id, due.version)),
        version=due.version,
        proc_ver=due.proc_ver,
        products=product_links(
            files, f"/bursts/{path_part(due.burst_id)}/vhf/products/{due.proc_ver}"
        ),
    )
    note = f"Quick-look products of {due.burst_id}, set {due.proc_ver}, are available"
    announce(transaction, quick_look_products_id(due.burst_id, due.proc_ver), fact, note)
    return True


def skip_products(transaction: Transaction, due: DueProducts) -> None:
    """Skip a set that cannot be made; the next announced update gets one again."""
    _skip(transaction, due.burst_id, due.version)


async def quick_look_products(
    transaction: Transaction, burst_id: str
) -> list[QuickLookProductState]:
    """Return the products of a burst with their states, set by set."""
    return await transaction.rows(
        QuickLookProductState,
        "SELECT p.proc_ver, p.name, p.version, p.kind, p.media_type, p.size, p.sha256, p.path, "
        "p.created_at, p.cleaned_at, CASE WHEN p.proc_ver < v.proc_ver "
        "THEN 'superseded' WHEN v.state IN ('withdrawn', 'superseded') THEN v.state "
        "ELSE 'current' END AS state FROM vhf_product p JOIN vhf v ON v.burst_id = p.burst_id "
        "WHERE p.burst_id = %(burst)s ORDER BY p.proc_ver, p.name",
        burst=burst_id,
    )


async def quick_look_product(
    transaction: Transaction, burst_id: str, proc_ver: int, name: str
) -> QuickLookProductRow | None:
    """Return a product; None: there is none."""
    return await transaction.row(
        QuickLookProductRow,
        f"SELECT {_VIEW} FROM vhf_product WHERE burst_id = %(burst)s "
        "AND proc_ver = %(proc)s AND name = %(name)s",
        burst=burst_id,
        proc=proc_ver,
        name=name,
    )


def _due(row: _Due) -> DueProducts:
    return DueProducts(
        burst_id=row.burst_id,
        version=row.announced,
        proc_ver=row.proc_ver + 1,
        update=msgspec.json.decode(row.announced_update, type=QuickLookUpdate),
        notices=msgspec.json.decode(row.notices, type=BurstNotices) if row.notices else None,
        last_packet=row.analysed_packet,
    )


def _skip(transaction: Transaction, burst_id: str, version: int) -> None:
    transaction.later(
        "UPDATE vhf SET produced = %(version)s WHERE burst_id = %(burst)s",
        version=version,
        burst=burst_id,
    )
