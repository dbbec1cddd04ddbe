"""Pages of bursts, filtered and sorted."""

from datetime import datetime
from typing import NamedTuple

from msgspec import UnsetType

from eclgrmd.clock import microseconds, moment
from eclgrmd.model.rest.queries import BurstOrder, BurstQuery
from eclgrmd.store.sql.filters import given, time_of
from eclgrmd.store.sql.identifiers import identifier
from eclgrmd.store.sql.transaction import Transaction

from .standing import STANDING, Standing

__all__ = ["BurstLine", "bursts", "position"]

_COLUMNS = {
    BurstOrder.T0: "t0_us",
    BurstOrder.CREATED: "created_at",
    BurstOrder.T90: "t90_s",
    BurstOrder.EPEAK: "epeak_kev",
    BurstOrder.FLUENCE: "fluence_erg",
}
"""Column of each order but that of the id; each has an index that ends with the id."""
_STATE = """CASE
    WHEN EXISTS (SELECT 1 FROM vhf v WHERE v.burst_id = b.burst_id AND v.state = 'withdrawn')
    THEN 'withdrawn'
    WHEN EXISTS (SELECT 1 FROM task t WHERE t.burst_id = b.burst_id
        AND t.state IN ('waiting', 'queued', 'running')) THEN 'open'
    WHEN EXISTS (SELECT 1 FROM task t WHERE t.burst_id = b.burst_id AND t.state = 'done')
    THEN 'done'
    WHEN EXISTS (SELECT 1 FROM task t WHERE t.burst_id = b.burst_id AND t.state = 'failed')
    THEN 'failed'
    ELSE 'new' END"""
"""The state of a burst: a value of `BurstState`."""
_FILTER = f"""
    (%(t0_from)s IS NULL OR b.t0_us >= %(t0_from)s)
    AND (%(t0_to)s IS NULL OR b.t0_us < %(t0_to)s)
    AND (%(min_t90_s)s IS NULL OR b.t90_s >= %(min_t90_s)s)
    AND (%(max_t90_s)s IS NULL OR b.t90_s <= %(max_t90_s)s)
    AND (%(min_epeak_kev)s IS NULL OR b.epeak_kev >= %(min_epeak_kev)s)
    AND (%(max_epeak_kev)s IS NULL OR b.epeak_kev <= %(max_epeak_kev)s)
    AND (%(min_fluence_erg)s IS NULL OR b.fluence_erg >= %(min_fluence_erg)s)
    AND (%(max_fluence_erg)s IS NULL OR b.fluence_erg <= %(max_fluence_erg)s)
    AND (%(class)s IS NULL OR b.class = %(class)s)
    AND (%(instrument)s IS NULL
        OR EXISTS (SELECT 1 FROM data_file d WHERE d.burst_id = b.burst_id
            AND d.instrument = %(instrument)s)
        OR EXISTS (SELECT 1 FROM packet p WHERE p.burst_id = b.burst_id
            AND p.instrument = %(instrument)s))
    AND (%(state)s IS NULL OR {_STATE} = %(state)s)
    AND (%(text)s IS NULL
        OR LOCATE(LOWER(%(text)s), LOWER(b.burst_id))
        OR EXISTS (SELECT 1 FROM data_file d WHERE d.burst_id = b.burst_id
            AND LOCATE(LOWER(%(text)s), LOWER(d.name)))
        OR EXISTS (SELECT 1 FROM task t WHERE t.burst_id = b.burst_id
            AND LOCATE(LOWER(%(text)s), LOWER(t.task_id))))"""
"""Conditions on a burst; a filter that is NULL matches everything."""
_SELECT = f"""SELECT b.burst_id AS id, b.t0_utc, b.t0_met_s, b.t0_us, b.created_at,
    b.stream, b.instrument, b.significance, b.t90_s, b.epeak_kev, b.fluence_erg,
    b.class AS burst_class, {_STATE} AS state,
    (SELECT COUNT(*) FROM data_file d WHERE d.burst_id = b.burst_id) AS data_files,
    (SELECT COUNT(*) FROM task t WHERE t.burst_id = b.burst_id) AS tasks,
    (SELECT COUNT(*) FROM product p WHERE p.burst_id = b.burst_id) AS products,
    {STANDING}
    FROM burst b"""


_LATEST_US = 10**16
"""Time in the far future, microseconds since 1970: later ones do not fit into a column."""


class BurstLine(Standing, frozen=True, kw_only=True):
    """A burst in a list, with the number of its files, tasks and products."""

    id: str
    """Id that the senders use."""
    t0_utc: str | None
    """Reference time of the last analysis, ISO-8601 UTC; None: unknown."""
    t0_met_s: float | None
    """The same, seconds of the mission's clock; None: unknown."""
    t0_us: int | None
    """Reference time, or else trigger time, microseconds since 1970; None: unknown."""
    created_at: datetime
    """When the burst was first named, UTC without zone."""
    stream: str | None
    """Where the results come from, a value of `ResultStream`; None: there are none."""
    instrument: str | None
    """Instrument of the reference duration; None: unknown."""
    significance: float | None
    """Significance over T100, sigma; None: unknown."""
    t90_s: float | None
    """T90, seconds; None: unknown."""
    epeak_kev: float | None
    """Peak energy, keV; None: unknown."""
    fluence_erg: float | None
    """Energy fluence, erg/cm2; None: unknown."""
    burst_class: str | None
    """Class; None: unknown."""
    state: str
    """A value of `BurstState`."""
    data_files: int
    """Number of received files, accepted or refused."""
    tasks: int
    """Number of tasks in any state."""
    products: int
    """Number of products of all tasks."""


class _Position(NamedTuple):
    """The burst before a page."""

    value: str
    """Value by which the list is sorted; empty: unknown."""
    burst_id: str
    """Its id."""


async def bursts(transaction: Transaction, query: BurstQuery) -> list[BurstLine]:
    """Return a page of bursts.

    Bursts whose value of the order is unknown come last; they have a query of their own, so that
    each one reads its rows from an index in their order.
    """
    order, down = BurstOrder(query.sort.removeprefix("-")), query.sort.startswith("-")
    value, _, burst_id = query.after.rpartition("~")
    after = _Position(value, burst_id) if query.after else None
    if order is BurstOrder.ID:
        return await _part(transaction, query, after, "", down=down)
    found: list[BurstLine] = []
    if after is None or after.value:
        found = await _part(transaction, query, after, _COLUMNS[order], down=down)
        after = None
    if (left := query.limit - len(found)) > 0:
        unknown = _COLUMNS[order]
        found += await _part(transaction, query, after, unknown, down=down, without=True, most=left)
    return found


def position(line: BurstLine, sort: BurstOrder) -> str:
    """Return the position of a burst in a list, as `BurstQuery.after` takes it."""
    match BurstOrder(sort.removeprefix("-")):
        case BurstOrder.T0:
            value: float | None = line.t0_us
        case BurstOrder.CREATED:
            value = microseconds(line.created_at)
        case BurstOrder.T90:
            value = line.t90_s
        case BurstOrder.EPEAK:
            value = line.epeak_kev
        case BurstOrder.FLUENCE:
            value = line.fluence_erg
        case _:
            value = None
    return f"{'' if value is None else repr(value)}~{line.id}"


async def _part(
    transaction: Transaction,
    query: BurstQuery,
    after: _Position | None,
    column: str,
    *,
    down: bool,
    without: bool = False,
    most: int | None = None,
) -> list[BurstLine]:
    """Return bursts in the order of a column and of the id, or of the id alone.

    Parameters
    ----------
    after
        The burst before the first one; None: begin with the first.
    column
        Column by which they are sorted; bursts without it are left out. Empty: the id alone.
    down
        Whether the largest values come first.
    without
        Return instead the bursts without the column, in the order of the id.
    most
        Most bursts; None: as the query says.
    """
    beyond, way = ("<", "DESC") if down else (">", "ASC")
    if column and not without:
        name = f"b.{identifier(column)}"
        where = (
            f"{name} IS NOT NULL AND (%(value)s IS NULL OR ({name} {beyond}= %(value)s "
            f"AND ({name} {beyond} %(value)s OR b.burst_id {beyond} %(after)s)))"
        )
        by = f"{name} {way}, b.burst_id {way}"
    else:
        known = f"b.{identifier(column)} IS NULL" if column else "TRUE"
        where = f"{known} AND (%(after)s IS NULL OR b.burst_id {beyond} %(after)s)"
        by = f"b.burst_id {way}"
    value = _value(after.value, column) if after and column and not without else None
    return await transaction.rows(
        BurstLine,
        f"{_SELECT} WHERE {where} AND {_FILTER} ORDER BY {by} LIMIT %(limit)s",
        **{
            "value": value,
            "after": after.burst_id if after else None,
            "t0_from": _microseconds(query.t0_from),
            "t0_to": _microseconds(query.t0_to),
            "min_t90_s": given(query.min_t90_s),
            "max_t90_s": given(query.max_t90_s),
            "min_epeak_kev": given(query.min_epeak_kev),
            "max_epeak_kev": given(query.max_epeak_kev),
            "min_fluence_erg": given(query.min_fluence_erg),
            "max_fluence_erg": given(query.max_fluence_erg),
            "class": given(query.burst_class),
            "instrument": given(query.instrument),
            "state": given(query.state),
            "text": given(query.text),
            "limit": query.limit if most is None else most,
        },
    )


def _value(text: str, column: str) -> float | datetime:
    """Return the value of a position as its column has it."""
    if column == _COLUMNS[BurstOrder.CREATED]:
        return moment(min(max(int(float(text)), 0), _LATEST_US))
    return float(text)


def _microseconds(text: str | UnsetType) -> int | None:
    at = time_of(text)
    return None if at is None else microseconds(at)
