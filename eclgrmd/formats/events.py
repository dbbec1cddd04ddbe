"""Read photon lists: GBM TTE, LAT LLE, ECLAIRs, GRM and plain OGIP events."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, Criterion, EventList, Floats

from .channels import index_of, read_channels
from .fits_file import FitsFile
from .fits_table import Table
from .gaps import split_at_gaps
from .gti import combine_criteria, criterion_of, read_intervals
from .headers import number, text
from .identity import detector_of, instrument_of
from .intervals import inside, intersection
from .recognise import bounds_of, gti_of
from .times import Clock

__all__ = ["WHOLE_TIME", "detector_of_events", "read_events", "select_good_times", "within"]

GRM_LAST_PI = 255
"""Channels from 256 on are no energies of a photon."""
WHOLE_TIME = (-np.inf, np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The rows of an events table that are kept."""

    span: slice
    mask: NDArray[np.bool_]
    time_s: Floats


def read_events(
    file: FitsFile,
    table: Table,
    clock: Clock,
    window_s: tuple[float, float] = WHOLE_TIME,
) -> EventList:
    """Read one events table.

    Parameters
    ----------
    file, table
        The open file and its table.
    clock
        The observation's clock.
    window_s
        Only events between these times are read, seconds after t0.

    Returns
    -------
    EventList
        Sorted and within good times; undeclared gaps are cut out of these. Possibly empty.

    Raises
    ------
    InputError
        Where a time is not finite or a column is missing.
    """
    instrument, channels = instrument_of(file), read_channels(file)
    rows = _select(table, _times(file, table, clock), window_s, instrument)
    channel = _channel_of(file, table, rows, channels)
    flags = []
    time_s = rows.time_s
    if (channel < 0).any():
        time_s, channel = time_s[channel >= 0], channel[channel >= 0]
        flags.append("events without channel dropped")
    if (np.diff(time_s) < 0).any():
        order = np.argsort(time_s, kind="stable")
        time_s, channel = time_s[order], channel[order]
        flags.append("times sorted")
    events = EventList(
        instrument,
        detector_of_events(file, table),
        time_s,
        channel,
        channels,
        _good_times(file, table, clock, time_s),
        _dead_time(table, rows),
        number(table.header, "EVTDEDHI") or 0.0,
        tuple(flags),
    )
    return select_good_times(events, window_s)


def select_good_times(
    events: EventList, window_s: tuple[float, float] = WHOLE_TIME, gti_s: Floats | None = None
) -> EventList:
    """Keep the events within a window and good times; cut undeclared gaps out of the latter.

    `gti_s` are further good times, from another file, shape (k, 2).
    """
    sets = [events.gti_s, np.array([window_s])]
    declared = intersection(sets if gti_s is None else [*sets, gti_s])
    kept = inside(events.time_s, declared)
    good, gap = split_at_gaps(declared, events.time_s if kept.all() else events.time_s[kept])
    if gap:
        kept &= inside(events.time_s, good)  # a stray event between two gaps
    flags = dict.fromkeys(events.flags)
    if gap:
        flags["undeclared gap"] = None
    if kept.all():
        return replace(events, gti_s=good, flags=tuple(flags))
    return replace(
        events,
        time_s=events.time_s[kept],
        channel=events.channel[kept],
        gti_s=good,
        flags=(*flags, *{"events outside good times dropped"}.difference(flags)),
    )


def _times(file: FitsFile, table: Table, clock: Clock) -> Floats:
    raw, scale, zero = table.stored("TIME")
    if raw.ndim != 1 or raw.dtype.kind not in "iuf":
        raise InputError(f"table {table.name}: column TIME must hold one number a row")
    # Adding the small difference of two large numbers keeps the microseconds that TZERO hides.
    zero += number(table.header, "TIMEZERO") or 0.0
    time_s = raw.astype(np.float64)
    if scale != 1.0:
        time_s *= scale
    first_s = float(time_s[0]) + zero if len(time_s) else 0.0
    time_s += zero - clock.t0_in(file, first_s)
    return time_s


def _select(
    table: Table, time_s: Floats, window_s: tuple[float, float], instrument: Instrument
) -> _Rows:
    if not np.isfinite(time_s).all():
        raise InputError(f"table {table.name}: column TIME holds NaN or infinity: must be finite")
    within_window = (time_s >= window_s[0]) & (time_s <= window_s[1])
    touched = np.flatnonzero(within_window)
    if len(touched) == 0:
        return _Rows(slice(0, 0), np.empty(0, dtype=np.bool_), np.empty(0))
    span = slice(int(touched[0]), int(touched[-1]) + 1)
    mask = within_window[span]
    if instrument is Instrument.GRM and table.has("EVT_TYPE", "ANTI_COIN", "PI"):
        for name, last in (("EVT_TYPE", 0), ("ANTI_COIN", 0), ("PI", GRM_LAST_PI)):
            stored, _, zero = table.stored(name)
            mask &= stored[span] <= last - int(zero)
    return _Rows(span, mask, time_s[span][mask])


def _channel_of(
    file: FitsFile, table: Table, rows: _Rows, channels: Channels | None
) -> NDArray[np.int16]:
    name = _energy_column(file, table)
    if name is None:
        return np.zeros(len(rows.time_s), dtype=np.int16)
    stored, _, zero = table.stored(name)
    values: NDArray[Any] = stored[rows.span][rows.mask]
    if values.dtype.kind not in "iu":
        raise InputError(f"table {table.name}: column {name} must hold whole channel numbers")
    values = (
        values.astype(np.int64) + int(zero)
        if zero
        else values.astype(values.dtype.newbyteorder("="))
    )
    if channels is None:
        return np.clip(values, 0, np.iinfo(np.int16).max).astype(np.int16)
    return index_of(values, channels)


def _energy_column(file: FitsFile, table: Table) -> str | None:
    """Choose what EBOUNDS speaks of; ENERGY alone tells no channel."""
    bounds = bounds_of(file)
    wanted = text(bounds.header, "CHANTYPE").upper() if bounds else ""
    if wanted in {"PI", "PHA"} and wanted in table.columns:
        return wanted
    return table.first_of("PI", "PHA", "CHANNEL")


def detector_of_events(file: FitsFile, table: Table) -> str:
    """Return the detector of an events table: GRD02 of GRM's EVENTS02."""
    numbered = re.fullmatch(r"EVENTS?0?(\d)", table.name)
    if instrument_of(file) is Instrument.GRM and numbered:
        return f"GRD0{numbered[1]}"
    return detector_of(file)


def _good_times(file: FitsFile, table: Table, clock: Clock, time_s: Floats) -> Floats:
    tables = gti_of(file)
    suffix = re.search(r"\d+$", table.name)
    if suffix:
        own = tuple(t for t in tables if t.name.endswith(suffix[0]))
        tables = own or tables
    if tables:
        instrument = instrument_of(file)
        return combine_criteria(
            [Criterion(instrument, criterion_of(t), read_intervals(t, file, clock)) for t in tables]
        )
    if len(time_s) == 0:
        return np.empty((0, 2))
    # A single event is a good time too, of no length.
    return np.array([[time_s[0], np.nextafter(time_s[-1], np.inf)]])


def _dead_time(table: Table, rows: _Rows) -> float:
    """Return the dead time that an event causes, seconds.

    GRM tells it for each event, good or not; the bad ones block the detector too, so that all
    dead time is shared among the good ones.
    """
    if table.has("DEAD_TIME") and len(rows.time_s):
        stored, _, _ = table.stored("DEAD_TIME")
        total_us = float(np.nansum(stored[rows.span], dtype=np.float64))
        return max(total_us, 0.0) * 1e-6 / len(rows.time_s)
    return number(table.header, "EVT_DEAD") or 0.0


def within(start_s: Floats, stop_s: Floats, window_s: tuple[float, float]) -> NDArray[np.bool_]:
    """Tell which bins lie fully inside a window."""
    return (start_s >= window_s[0]) & (stop_s <= window_s[1])
