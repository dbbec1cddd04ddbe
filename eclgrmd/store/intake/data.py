"""Table `data_file`: every received file, accepted or refused."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.model.messages.facts import DataFact
from eclgrmd.store.sql.announcement import caused_by, notification_id, verdict_id
from eclgrmd.store.sql.connections import Row
from eclgrmd.store.sql.paging import Page, Sized, read_page
from eclgrmd.store.sql.transaction import Transaction

from .bursts import lock_burst
from .data_rows import DataRow
from .outbox import announce

__all__ = [
    "DataFile",
    "accepted_names",
    "data_file",
    "data_files",
    "known_data",
    "record_data",
]

_COLUMNS = (
    "data_id AS id, burst_id, name, sha256, size, path, state, reason, kind, instrument, "
    "description, received_at, cleaned_at"
)


class DataFile(NamedTuple):
    """A received file and the result of its inspection."""

    burst_id: str
    """Burst that the file belongs to."""
    name: str
    """File name as it was sent."""
    sha256: str
    """Checksum, 64 hexadecimal digits."""
    size: int
    """Size, bytes."""
    path: str
    """Path relative to the file store; empty: the file was not kept."""
    reason: str
    """Why the file was refused; empty: it was accepted."""
    kind: str | None = None
    """Kind of the file (a `FileKind`), recognised by its headers; None: not recognised."""
    instrument: str | None = None
    """Instrument that the headers name; None: none."""
    description: dict[str, Any] | None = None
    """Values read from the headers; None: the file was not read."""


class _SortKey(Sized, frozen=True):
    id: int


class _Name(Struct, frozen=True):
    name: str
    sha256: str


async def record_data(transaction: Transaction, file: DataFile) -> int:
    """Record and announce a file, and return the number of its row.

    A file that was accepted before and is still there stays as it is. A refused or cleaned file
    is recorded again with the new verdict.
    """
    lock_burst(transaction, file.burst_id)
    known = await known_data(transaction, file.burst_id, file.name, file.sha256)
    if known and known.is_here:
        return known.id
    now = utc_now()
    state: Literal["accepted", "refused"] = "refused" if file.reason else "accepted"
    transaction.later(
        "REPLACE INTO data_file (data_id, burst_id, name, sha256, size, path, state, reason, kind, "
        "instrument, description, received_at) VALUES (%(id)s, %(burst)s, %(name)s, %(sha256)s, "
        "%(size)s, %(path)s, %(state)s, %(reason)s, %(kind)s, %(instrument)s, %(description)s, "
        "%(now)s)",
        id=known.id if known else None,
        burst=file.burst_id,
        name=file.name,
        sha256=file.sha256,
        size=file.size,
        path=file.path,
        state=state,
        reason=file.reason,
        kind=file.kind,
        instrument=file.instrument,
        description=msgspec.json.encode(file.description).decode(),
        now=now,
    )
    row = await known_data(transaction, file.burst_id, file.name, file.sha256)
    if row is None:  # cannot happen: it has just been written
        raise LookupError(file.name)
    if state == "accepted":
        # Have the planner look at the burst, whose row is already locked.
        transaction.later(
            "UPDATE burst SET plan_at = LEAST(COALESCE(plan_at, %(now)s), %(now)s) "
            "WHERE burst_id = %(burst)s",
            burst=file.burst_id,
            now=now,
        )
    notifications = await _notifications(transaction, file)
    fact = DataFact(
        at=now.isoformat() + "Z",
        burst_id=file.burst_id,
        causes=caused_by(*(notification_id(name) for name in notifications)),
        name=file.name,
        sha256=file.sha256,
        size=file.size,
        state=state,
        reason=file.reason,
        kind=file.kind,
        instrument=file.instrument,
        notifications=notifications,
    )
    announce(transaction, verdict_id(row.id, state), fact, f"Data file {file.name} {state}")
    return row.id


async def known_data(
    transaction: Transaction, burst_id: str, name: str, sha256: str
) -> DataRow | None:
    """Return the file of a burst with this name and content; None if it was never received."""
    row = await transaction.row(
        Row,
        f"SELECT {_COLUMNS} FROM data_file WHERE burst_id = %(burst)s AND name = %(name)s "
        "AND sha256 = %(sha256)s",
        burst=burst_id,
        name=name,
        sha256=sha256,
    )
    return _decoded(row) if row else None


async def data_file(transaction: Transaction, data_id: int) -> DataRow | None:
    """Return the file with this number; None if there is none."""
    row = await transaction.row(
        Row, f"SELECT {_COLUMNS} FROM data_file WHERE data_id = %(id)s", id=data_id
    )
    return _decoded(row) if row else None


async def data_files(
    transaction: Transaction, *, burst_id: str, state: str, after: int, limit: int
) -> Page[DataRow]:
    """Return the files that follow `after`, by number; an empty filter matches everything."""

    async def sizes(last: _SortKey | None, number: int) -> list[_SortKey]:
        return await transaction.rows(
            _SortKey,
            "SELECT data_id AS id, COALESCE(LENGTH(description), 0) + LENGTH(reason) AS bytes "
            "FROM data_file WHERE data_id > %(after)s "
            "AND (%(burst)s = '' OR burst_id = %(burst)s) "
            "AND (%(state)s = '' OR state = %(state)s) ORDER BY data_id LIMIT %(number)s",
            after=last.id if last else after,
            burst=burst_id,
            state=state,
            number=number,
        )

    async def whole(found: list[_SortKey]) -> list[DataRow]:
        rows = await transaction.rows(
            Row,
            f"SELECT {_COLUMNS} FROM data_file WHERE data_id IN %(ids)s ORDER BY data_id",
            ids=tuple(row.id for row in found),
        )
        return [_decoded(row) for row in rows]

    return await read_page(sizes, whole, limit)


async def accepted_names(
    transaction: Transaction, burst_id: str, names: Sequence[str]
) -> list[tuple[str, str]]:
    """Return name and checksum of the accepted files of a burst with one of these names."""
    rows = await transaction.rows(
        _Name,
        "SELECT name, sha256 FROM data_file WHERE burst_id = %(burst)s AND name IN %(names)s "
        "AND state = 'accepted' AND cleaned_at IS NULL",
        burst=burst_id,
        names=tuple(names),
    )
    return [(row.name, row.sha256) for row in rows]


async def _notifications(transaction: Transaction, file: DataFile) -> tuple[str, ...]:
    """Return the ids of the data notifications that named a file."""
    names = await transaction.values(
        str,
        "SELECT DISTINCT notification_id FROM transfer WHERE burst_id = %(burst)s "
        "AND name = %(name)s AND sha256 = %(sha256)s ORDER BY notification_id",
        burst=file.burst_id,
        name=file.name,
        sha256=file.sha256,
    )
    return tuple(names)


def _decoded(row: Row) -> DataRow:
    text = row["description"]
    return msgspec.convert(
        {**row, "description": msgspec.json.decode(text) if text else None}, DataRow
    )
