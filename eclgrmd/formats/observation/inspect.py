"""Inspection of a file: its description in plain values for the store, before any analysis."""

from pathlib import Path

import numpy as np
from msgspec import Struct

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import FitsFile, open_fits, reading
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.identity import detector_of, instrument_of, object_of, version_of
from eclgrmd.formats.fits.packed import Unpacked
from eclgrmd.formats.fits.recognise import Recognised, bounds_of, recognise
from eclgrmd.formats.fits.times import ABSOLUTE, read_times, trigger_time_s
from eclgrmd.formats.read.events import detector_of_events
from eclgrmd.formats.read.text_light_curve import is_text_light_curve, read_text_light_curve
from eclgrmd.model.names import FileKind, Instrument
from eclgrmd.model.observation import EventList

from .contents import Contents, read_contents

__all__ = ["FileDescription", "inspect_file"]


class FileDescription(Struct, frozen=True):
    """Description of a file in plain values, for the database and for JSON."""

    kind: FileKind
    """Kind of the data."""
    instrument: Instrument
    """Instrument that took the data."""
    detectors: tuple[str, ...]
    """Names of the detectors."""
    object_name: str
    """Burst or object named in the header; empty: none."""
    trigger_met_s: float | None
    """TRIGTIME in the file's own time system, seconds; None: there is none."""
    t_start_met_s: float | None
    """First time of the data in the file's own time system, seconds; None: unknown."""
    t_stop_met_s: float | None
    """Last time of the data in the file's own time system, seconds; None: unknown."""
    rows: int
    """Number of events, bins, spectra, photon energies or intervals."""
    channels: int
    """Number of energy channels; 0: none."""
    version: int | None
    """Version from the file name or PROC_VER; None: there is none."""
    reason: str = ""
    """Why no analysis uses the file; empty: it is used."""


def inspect_file(path: Path, unpacked: Unpacked | None = None) -> FileDescription:
    """Recognise a file by its content and check that it can be read.

    Parameters
    ----------
    path
        The file.
    unpacked
        Keeps the unpacked file for an analysis that follows; None: it is removed again.

    Raises
    ------
    InputError
        If it cannot; the text names the file, what is wrong in it, and what would be right.
    """
    if is_text_light_curve(path):
        return _describe_text(path)
    with open_fits(path, unpacked) as file, reading(path):
        found = recognise(file)
        if found.kind is FileKind.EVENTS and found.tables[0].has("TIME"):
            return _describe_events(file, found)
        return _describe(file, found, read_contents(file, found, ABSOLUTE))


def _describe_text(path: Path) -> FileDescription:
    curve = read_text_light_curve(path)
    return FileDescription(
        FileKind.LIGHT_CURVE,
        curve.instrument,
        curve.detectors,
        "",
        None,
        float(curve.start_s[0]),
        float(curve.stop_s[-1]),
        len(curve.counts),
        0,
        None,
    )


def _describe_events(file: FitsFile, found: Recognised) -> FileDescription:
    """Describe an event file by times and headers only: an hour of GRM has 15 million events."""
    tables = [table for table in found.tables if table.rows]
    if not tables:
        raise InputError("holds no event")
    ranges = [_time_range(file, table) for table in tables]
    bounds = bounds_of(file)
    return _description(
        file,
        found,
        tuple(dict.fromkeys(detector_of_events(file, table) for table in tables)),
        (min(low for low, _ in ranges), max(high for _, high in ranges)),
        sum(table.rows for table in tables),
        bounds.rows if bounds else 0,
    )


def _time_range(file: FitsFile, table: Table) -> tuple[float, float]:
    time_s = read_times(file, table, "TIME", ABSOLUTE)
    if not np.isfinite(time_s).any():
        raise InputError(f"table {table.name}: column TIME holds no number")
    return float(np.nanmin(time_s)), float(np.nanmax(time_s))


def _describe(file: FitsFile, found: Recognised, contents: Contents) -> FileDescription:
    rows, channels = _size(contents)
    return _description(
        file, found, _detectors(file, contents), _interval(file, contents), rows, channels
    )


def _description(
    file: FitsFile,
    found: Recognised,
    detectors: tuple[str, ...],
    interval: tuple[float, float] | None,
    rows: int,
    channels: int,
) -> FileDescription:
    return FileDescription(
        found.kind,
        instrument_of(file),
        detectors,
        object_of(file),
        trigger_time_s(file, interval[0] if interval else None),
        interval[0] if interval else None,
        interval[1] if interval else None,
        rows,
        channels,
        version_of(file),
        found.reason,
    )


def _detectors(file: FitsFile, contents: Contents) -> tuple[str, ...]:
    named = [e.detector for e in contents.events] + [h.detector for h in contents.histories]
    named += [model.detector for model in contents.background_models]
    named += [spectrum.detector for spectrum in contents.spectra]
    return tuple(dict.fromkeys(named)) or (detector_of(file),)


def _interval(file: FitsFile, contents: Contents) -> tuple[float, float] | None:
    edges = [
        *((h.start_s, h.stop_s) for h in contents.histories),
        *((c.start_s, c.stop_s) for c in contents.light_curves),
        *((e.gti_s[:, 0], e.gti_s[:, 1]) for e in contents.events),
        *((m.intervals_s[:, 0], m.intervals_s[:, 1]) for m in contents.background_models),
        *((c.gti_s[:, 0], c.gti_s[:, 1]) for c in contents.criteria),
        *(
            (np.array([s.start_s]), np.array([s.stop_s]))
            for s in contents.spectra
            if s.start_s is not None and s.stop_s is not None
        ),
    ]
    of_satellite = (contents.attitude, contents.orbit)
    edges += [(each.time_s, each.time_s) for each in of_satellite if each is not None]
    filled = [(float(start.min()), float(stop.max())) for start, stop in edges if len(start)]
    if filled:
        return min(start for start, _ in filled), max(stop for _, stop in filled)
    start, stop = file.number("TSTART"), file.number("TSTOP")
    return None if start is None or stop is None else (start, stop)


def _size(contents: Contents) -> tuple[int, int]:
    """Return the number of rows and channels of a file's data."""
    match contents.kind:
        case FileKind.EVENTS:
            return sum(len(e.time_s) for e in contents.events), _channels(contents.events[0])
        case FileKind.HISTORY:
            rows, channels = contents.histories[0].counts.shape
        case FileKind.LIGHT_CURVE:
            curves = contents.light_curves
            rows, channels = len(curves[0].counts), max(len(curves) - 1, 1)
        case FileKind.SPECTRUM | FileKind.BACKGROUND:
            rows, channels = len(contents.spectra), len(contents.spectra[0].counts)
        case FileKind.RESPONSE if contents.matrices is not None:
            rows, channels = contents.matrices.responses[0].matrix_cm2.shape
        case FileKind.ANCILLARY:
            rows, channels = len(contents.areas[0].area_cm2), 0
        case FileKind.BACKGROUND_MODEL:
            rows = len(contents.background_models)
            channels = len(contents.background_models[0].coefficients)
        case FileKind.ATTITUDE if contents.attitude is not None:
            rows, channels = len(contents.attitude.time_s), 0
        case FileKind.ORBIT if contents.orbit is not None:
            rows, channels = len(contents.orbit.time_s), 0
        case _:
            rows, channels = sum(len(c.gti_s) for c in contents.criteria), 0
    return rows, channels


def _channels(events: EventList) -> int:
    return 0 if events.channels is None else len(events.channels.number)
