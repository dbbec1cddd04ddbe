"""Reading of event lists: GBM TTE, LAT LLE, ECLAIRs, GRM and plain OGIP events."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.channels import index_of, read_channels
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Stored, Table
from eclgrmd.formats.fits.headers import strict_number, text
from eclgrmd.formats.fits.identity import detector_of, instrument_of, maker_of
from eclgrmd.formats.fits.recognise import bounds_of, gti_of
from eclgrmd.formats.fits.times import Clock, read_times
from eclgrmd.formats.fits.units import KEV, SECOND
from eclgrmd.formats.rows.frames import find_frames
from eclgrmd.formats.rows.gaps import split_at_gaps
from eclgrmd.formats.rows.repeats import singly
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import inside, intersection
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, Criterion, EventList, Floats

from .gti import (
    check_not_empty,
    combine_criteria,
    criterion_of,
    read_intervals,
    rows_left_out,
)

__all__ = ["WHOLE_TIME", "detector_of_events", "read_events", "select_good_times", "within"]

GRM_LAST_PI = 255
"""Last channel of GRM events that is an energy; PI from 256 on does not measure a photon."""
WHOLE_TIME = (-np.inf, np.inf)
"""A window without limits."""
WHOLE = 1e-3
"""Largest deviation of scaled channel numbers from integers that counts as rounding."""
NO_NUMBER = np.iinfo(np.int16).min
"""Stands for a channel number that is null; no file has such a channel."""
MICROSECOND = 1e-6
"""Unit of a column DEAD_TIME without TUNIT, seconds, as in files of the GRM."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The selected rows of an event table."""

    span: slice
    """Range of rows that contains all selected ones."""
    mask: NDArray[np.bool_]
    """Which rows of `span` are selected."""
    time_s: Floats
    """Times of the selected rows, seconds after t0."""


def read_events(
    file: FitsFile,
    table: Table,
    clock: Clock,
    window_s: tuple[float, float] = WHOLE_TIME,
) -> EventList:
    """Read one event table.

    Parameters
    ----------
    file, table
        The open file and the table.
    clock
        Reference time of the observation.
    window_s
        Read only events between these times, seconds after t0.

    Returns
    -------
    EventList
        Events sorted and within the good times, from which undeclared gaps are removed. It may be
        empty.

    Raises
    ------
    InputError
        If a time is infinite, no time is a number, or a column is missing.
    """
    file = file.at(table)
    instrument, channels = instrument_of(file), read_channels(file)
    all_s = read_times(file, table, "TIME", clock)
    known = np.isfinite(all_s)
    if not known.any():
        raise InputError(f"table {table.name}: column TIME holds no number")
    flags = [] if known.all() else [Flag(FlagCode.NO_TIME, detail=str(int((~known).sum())))]
    rows = _select(table, all_s, window_s, instrument)
    channel = _channel_of(file, table, rows, channels)
    time_s = rows.time_s
    if (lost := int((channel < 0).sum())) > 0:
        time_s, channel = time_s[channel >= 0], channel[channel >= 0]
        flags.append(Flag(FlagCode.NO_CHANNEL, detail=str(lost)))
    if (np.diff(time_s) < 0).any():
        order = np.argsort(time_s, kind="stable")
        time_s, channel = time_s[order], channel[order]
        flags.append(Flag(FlagCode.TIMES_SORTED))
    single = singly(time_s, channel)
    if not single.all():
        time_s, channel = time_s[single], channel[single]
        flags.append(Flag(FlagCode.DOUBLED_EVENTS, detail=str(int((~single).sum()))))
    good, gti_flags = _good_times(file, table, clock, time_s)
    frames = find_frames(file, table, time_s, good)
    events = EventList(
        instrument,
        detector_of_events(file, table),
        time_s if frames is None else frames.middles(time_s),
        channel,
        channels,
        good,
        _dead_time(table, rows),
        strict_number(table.header, "EVTDEDHI") or 0.0,
        (*flags, *gti_flags, *(() if frames is None else (frames.flag,))),
        0.0 if frames is None else frames.width_s,
        maker=maker_of(file),
    )
    selected = select_good_times(events, window_s)
    if len(events.time_s) and not len(selected.time_s):
        return replace(selected, flags=(*selected.flags, _outside(events, clock)))
    return selected


def _outside(events: EventList, clock: Clock) -> Flag:
    """Return a flag with the reason why no event is left."""
    times = (events.time_s[[0, -1]] + clock.t0_met_s).tolist()
    good = (events.gti_s.ravel()[[0, -1]] + clock.t0_met_s).tolist() if len(events.gti_s) else []
    span = f", which span {good[0]:.3f} to {good[1]:.3f}" if good else ""
    return Flag(
        FlagCode.NO_EVENT_IN_GOOD_TIMES,
        detail=f"{span}: the events span {times[0]:.3f} to {times[1]:.3f}",
    )


def select_good_times(
    events: EventList, window_s: tuple[float, float] = WHOLE_TIME, gti_s: Floats | None = None
) -> EventList:
    """Select the events within a window and the good times; remove undeclared gaps from the latter.

    Parameters
    ----------
    events
        The events with their good times.
    window_s
        Window, seconds after t0.
    gti_s
        Additional good times from another file, shape (k, 2); None: there are none.
    """
    sets = [events.gti_s, np.array([window_s])]
    declared = intersection(*sets, *([] if gti_s is None else [gti_s]))
    kept = inside(events.time_s, declared)
    time_s = events.time_s if kept.all() else events.time_s[kept]
    good, gap = split_at_gaps(declared, time_s, events.frame_s)
    if gap:
        kept &= inside(events.time_s, good)  # drops stray events between two gaps
    flags = dict.fromkeys(events.flags)
    if gap:
        flags[Flag(FlagCode.UNDECLARED_GAP)] = None
    if kept.all():
        return replace(events, gti_s=good, flags=tuple(flags))
    return replace(
        events,
        time_s=events.time_s[kept],
        channel=events.channel[kept],
        gti_s=good,
        flags=(*flags, *{Flag(FlagCode.OUTSIDE_GOOD_TIMES)}.difference(flags)),
    )


def _select(
    table: Table, time_s: Floats, window_s: tuple[float, float], instrument: Instrument
) -> _Rows:
    within_window = (time_s >= window_s[0]) & (time_s <= window_s[1])
    touched = np.flatnonzero(within_window)
    if len(touched) == 0:
        return _Rows(slice(0, 0), np.empty(0, dtype=np.bool_), np.empty(0))
    span = slice(int(touched[0]), int(touched[-1]) + 1)
    mask = within_window[span]
    if instrument is Instrument.GRM and table.has("EVT_TYPE", "ANTI_COIN", "PI"):
        for name, last in (("EVT_TYPE", 0), ("ANTI_COIN", 0), ("PI", GRM_LAST_PI)):
            stored = table.stored(name)
            mask &= stored.raw[span] <= last - int(stored.zero)
    if table.has("QUALITY"):
        mask &= table.column("QUALITY")[span].reshape(len(mask), -1).any(axis=1) == 0
    return _Rows(span, mask, time_s[span][mask])


def _channel_of(
    file: FitsFile, table: Table, rows: _Rows, channels: Channels | None
) -> NDArray[np.int16]:
    name = _energy_column(file, table)
    if name is None:
        return np.zeros(len(rows.time_s), dtype=np.int16)
    if name == "ENERGY":
        return _channel_of_energy(table, rows, channels)
    stored = table.stored(name)
    values: NDArray[Any] = stored.raw[rows.span][rows.mask]
    if stored.scale != 1.0 or values.dtype.kind not in "iu":
        return _index(_whole(stored, table, name, rows), channels)
    nulls = stored.nulls(rows.span)
    values = (
        values.astype(np.int64) + int(stored.zero)
        if stored.zero
        else values.astype(values.dtype.newbyteorder("="))
    )
    index = _index(values, channels)
    if nulls is not None:
        index[nulls[rows.mask]] = -1
    return index


def _whole(stored: Stored, table: Table, name: str, rows: _Rows) -> NDArray[np.int64]:
    """Return channel numbers that are stored scaled or as floats; NaN becomes NO_NUMBER."""
    values = stored._replace(raw=stored.raw[rows.span][rows.mask]).values()
    known = np.isfinite(values)
    whole = np.where(known, np.rint(values), NO_NUMBER)
    if (np.abs(values - whole)[known] > WHOLE).any():
        raise InputError(f"table {table.name}: column {name} must hold whole channel numbers")
    return whole.astype(np.int64)


def _index(values: NDArray[Any], channels: Channels | None) -> NDArray[np.int16]:
    if channels is None:
        index = np.clip(values, 0, np.iinfo(np.int16).max).astype(np.int16)
        return np.where(values == NO_NUMBER, np.int16(-1), index)
    return index_of(values, channels)


def _channel_of_energy(table: Table, rows: _Rows, channels: Channels | None) -> NDArray[np.int16]:
    """Return the channel of each energy; of overlapping ones, the last that starts below it."""
    energy_kev = table.column("ENERGY", KEV)[rows.span][rows.mask]
    if channels is None or energy_kev.ndim != 1:
        return np.zeros(len(energy_kev), dtype=np.int16)
    order = np.argsort(channels.e_min_kev, kind="stable")
    position = np.searchsorted(channels.e_min_kev[order], energy_kev, side="right") - 1
    index = order[np.maximum(position, 0)]
    known = (position >= 0) & (energy_kev < channels.e_max_kev[index])
    return np.where(known, index, -1).astype(np.int16)


def _energy_column(file: FitsFile, table: Table) -> str | None:
    """Return the column that EBOUNDS refers to (CHANTYPE), or else the preferred one."""
    bounds = bounds_of(file)
    wanted = text(bounds.header, "CHANTYPE").upper() if bounds else ""
    if wanted in {"PI", "PHA"} and wanted in table.columns:
        return wanted
    return table.first_of("PI", "PHA", "CHANNEL", "ENERGY")


def detector_of_events(file: FitsFile, table: Table) -> str:
    """Return the detector of an event table: GRD02 for EVENTS02 of the GRM."""
    numbered = re.fullmatch(r"EVENTS?0?(\d)", table.name)
    file = file.at(table)
    if instrument_of(file) is Instrument.GRM and numbered:
        return f"GRD0{numbered[1]}"
    return detector_of(file)


def _good_times(
    file: FitsFile, table: Table, clock: Clock, time_s: Floats
) -> tuple[Floats, tuple[Flag, ...]]:
    """Return the good times of the events, and flags about rows of them that were left out."""
    if tables := gti_of(file):
        criteria = [
            Criterion(instrument_of(file), criterion_of(t), read_intervals(t, file, clock))
            for t in tables
        ]
        check_not_empty(criteria, tables)
        return combine_criteria(criteria), rows_left_out(file, tables)
    if len(time_s) == 0:
        return np.empty((0, 2)), ()
    # Without GTI, the good time is the span of the events; that of a single one has no length.
    return np.array([[time_s[0], np.nextafter(time_s[-1], np.inf)]]), ()


def _dead_time(table: Table, rows: _Rows) -> float:
    """Return the mean dead time per selected event, seconds.

    The GRM lists it for each event. Rejected events block the detector too, so the total dead time
    is divided by the number of selected events.
    """
    if table.has("DEAD_TIME") and len(rows.time_s):
        by = table.factor("DEAD_TIME", SECOND) if table.unit("DEAD_TIME") else MICROSECOND
        dead = table.stored("DEAD_TIME")
        dead = dead._replace(raw=dead.raw[rows.span])
        return max(float(np.nansum(dead.values())) * by, 0.0) / len(rows.time_s)
    return strict_number(table.header, "EVT_DEAD") or 0.0


def within(start_s: Floats, stop_s: Floats, window_s: tuple[float, float]) -> NDArray[np.bool_]:
    """Return which bins lie completely inside a window, shape (n,)."""
    return (start_s >= window_s[0]) & (stop_s <= window_s[1])
