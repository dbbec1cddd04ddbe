"""The reference time of an observation, chosen from the times of its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import FitsFile, open_fits, reading
from eclgrmd.formats.fits.packed import Unpacked
from eclgrmd.formats.fits.recognise import Recognised, recognise
from eclgrmd.formats.fits.times import (
    ABSOLUTE,
    LEAST_MISSION_MET_S,
    Clock,
    TimeZero,
    header_time_s,
    met_of,
    read_times,
    time_zero,
    trigger_time_s,
    unusable_triggers,
)
from eclgrmd.formats.read.batse import batse_time_zero
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.names import FileKind

from .one_burst import Moment

__all__ = ["Overview", "choose_clock", "moments_of", "overview_of"]

TIMED = frozenset({FileKind.EVENTS, FileKind.HISTORY, FileKind.LIGHT_CURVE, FileKind.SPECTRUM})
"""Kinds of files whose trigger time is used; that of a response may belong to another burst."""
LATEST_MET_S = 1e12
"""Largest time, seconds: beyond it, float64 resolves less than 0.1 ms. No mission gets so far."""


LEAST_HOURS_S = 3600.0 * 5
"""Length of binned data, seconds, from which they need not contain the burst; a choice."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Kind and times of a file, from a first reading; the file itself is closed again."""

    path: Path
    """Path of the file."""
    kind: FileKind
    """Kind of its data."""
    zero: TimeZero | None
    """Absolute time of its MET 0; None: unknown."""
    trigger_s: float | None
    """Trigger time in its own MET, seconds; None: it has none."""
    start_s: float | None
    """Start of its data in its own MET, seconds; None: its times are not absolute."""
    relative: bool = False
    """Whether its time 0 is the trigger, as in BATSE files."""
    span_s: tuple[float, float] | None = None
    """First and last time of its data in its own MET, seconds; None: no times."""
    flags: tuple[Flag, ...] = ()
    """Flags about trigger times that are not numbers."""


def overview_of(path: Path, unpacked: Unpacked) -> Overview:
    """Read kind and times of a file."""
    with open_fits(path, unpacked) as file, reading(path):
        own = time_zero(file)
        zero = own or batse_time_zero(file)
        relative = own is None and zero is not None
        found = recognise(file)
        leading = file.at(found.tables[0])
        span_s = _span(leading, found)
        start_s = _start(leading, found, span_s)
        return Overview(
            path,
            found.kind,
            zero,
            trigger_time_s(leading, start_s),
            start_s,
            relative,
            span_s,
            unusable_triggers(leading),
        )


def moments_of(overviews: Sequence[Overview]) -> list[Moment]:
    """Return the trigger, or else the start, of each file with absolute times."""
    found = []
    for overview in overviews:
        if overview.kind not in TIMED or overview.zero is None:
            continue
        if overview.relative:
            found.append(Moment(overview.path.name, overview.zero, 0.0, is_trigger=True))
            continue
        met_s = overview.start_s if overview.trigger_s is None else overview.trigger_s
        if met_s is not None and met_s >= LEAST_MISSION_MET_S:
            is_trigger = overview.trigger_s is not None
            low, high = overview.span_s or (0.0, 0.0)
            of_hours = (
                not is_trigger and overview.kind is FileKind.HISTORY and high - low >= LEAST_HOURS_S
            )
            moment = Moment(
                overview.path.name, overview.zero, met_s, is_trigger=is_trigger, of_hours=of_hours
            )
            found.append(moment)
    return found


def _span(file: FitsFile, found: Recognised) -> tuple[float, float] | None:
    """Return the first and last time of a file's data, seconds; None: it has no times."""
    spans = []
    for table in found.tables:
        if table.has("TIME") and table.rows:
            time_s = read_times(file, table, "TIME", ABSOLUTE)
            if np.isfinite(time_s).any():
                spans.append((float(np.nanmin(time_s)), float(np.nanmax(time_s))))
    return (min(a for a, _ in spans), max(b for _, b in spans)) if spans else None


def _start(file: FitsFile, found: Recognised, span_s: tuple[float, float] | None) -> float | None:
    """Return the first time of a file's data, seconds; None: it is not absolute."""
    start = span_s[0] if span_s else header_time_s(file, found.tables[0].header, "TSTART")
    if start is None or (time_zero(file) is None and abs(start) < LEAST_MISSION_MET_S):
        return None
    return start


def choose_clock(
    overviews: Sequence[Overview], trigger_time_s: float | None, trigger_utc: str
) -> tuple[Clock, list[Flag]]:
    """Choose the reference time; return it and the flags about the choice."""
    data = [overview for overview in overviews if overview.kind in TIMED] or overviews
    zero = next((overview.zero for overview in data if overview.zero is not None), None)
    if trigger_time_s is not None:
        return Clock(_credible(trigger_time_s, data), zero), []
    if trigger_utc and zero is not None:
        return Clock(met_of(zero, trigger_utc), zero), []
    flags = [flag for overview in data for flag in overview.flags]
    for overview in data:
        if overview.trigger_s is not None:
            return Clock(_credible(overview.trigger_s, data), zero), flags
    for overview in data:
        if overview.start_s is not None:
            return Clock(overview.start_s, zero), [*flags, Flag(FlagCode.T0_IS_START)]
    return Clock(0.0, zero), flags


def _credible(t0_met_s: float, data: Sequence[Overview]) -> float:
    """Return the reference time if times relative to it keep their precision.

    Raises
    ------
    InputError
        If they do not; the text names the time span of the data.
    """
    spans = [overview.span_s for overview in data if overview.span_s is not None]
    if abs(t0_met_s) <= LATEST_MET_S or any(low <= t0_met_s <= high for low, high in spans):
        return t0_met_s
    span = f"the data span {min(spans)[0]:.3f} to {max(b for _, b in spans):.3f}, " if spans else ""
    raise InputError(
        f"{span}t0 = {t0_met_s:g} lies outside: give --trigger-time (configuration: trigger_time_s)"
    )
