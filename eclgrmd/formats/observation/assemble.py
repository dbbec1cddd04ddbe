"""Assembly of the files of one burst into an observation."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
    utc_of,
)
from eclgrmd.formats.read.batse import batse_time_zero
from eclgrmd.formats.read.events import WHOLE_TIME
from eclgrmd.formats.read.text_light_curve import is_text_light_curve, read_text_light_curve
from eclgrmd.model.names import BurstId, FileKind
from eclgrmd.model.observation import EventList, LightCurve, Observation

from .contents import Contents, read_contents
from .duplicates import without_duplicates
from .join import (
    adopt_channels,
    apply_criteria,
    join_events,
    join_histories,
    validity_ranges,
)
from .namesakes import with_unique_detectors
from .one_burst import Moment, check_one_burst
from .span import check_t0
from .spectra import named_files, pair_spectra
from .versions import newest

__all__ = ["read_observation"]

TIMED = frozenset({FileKind.EVENTS, FileKind.HISTORY, FileKind.LIGHT_CURVE, FileKind.SPECTRUM})
"""Kinds of files whose trigger time is used; that of a response may belong to another burst."""
LATEST_MET_S = 1e12
"""Largest time, seconds: beyond it, float64 resolves less than 0.1 ms. No mission gets so far."""


@dataclass(frozen=True, slots=True)
class _Overview:
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
    flags: tuple[str, ...] = ()
    """Flags about trigger times that are not numbers."""


def read_observation(
    paths: Sequence[Path],
    *,
    burst_id: BurstId,
    trigger_time_s: float | None = None,
    trigger_utc: str = "",
    detectors: Sequence[str] = (),
    window_s: tuple[float, float] | None = None,
    optional: Collection[Path] = (),
) -> Observation:
    """Read the files of one burst.

    Parameters
    ----------
    paths
        Files in any order, compressed or not. Only the highest of several versions of a file
        (`_vNN`) is read. Backgrounds and responses that a spectrum names are also found in its
        folder.
    burst_id
        The burst.
    trigger_time_s
        Reference time t0, seconds, in the time system (MET) of the first file that has one. None:
        use `trigger_utc`; or else TRIGTIME of the first file with data; or else the first time of
        the data if it is absolute (with MJDREF, or 1e6 s and more), with the flag `t0 is start of
        data`; or else 0, since the times are relative to the trigger already.
    trigger_utc
        Reference time t0 from a notification, ISO-8601 UTC; empty: unknown. It is ignored if no
        file has absolute times.
    detectors
        Names of detectors (`n3`, `GRD01`) or instruments (`GRM`) to keep; empty: all.
    window_s
        Read only events and bins between these times, seconds after t0; None: all. Spectra and
        responses are always read.
    optional
        Paths of files that are left out, with a flag, if they cannot be read. Files that are found
        in the folder of a spectrum are optional too.

    Returns
    -------
    Observation
        Its `flags` name every file that was left out, with the reason.

    Raises
    ------
    InputError
        If a file that is not optional is damaged or unknown, no file is left, files contradict each
        other, or t0 lies too far outside the data (see `span.check_t0`).
    """
    window = WHOLE_TIME if window_s is None else window_s
    if not paths:
        raise InputError("no file to read: at least one is needed")
    kept, flags = newest(paths)
    left_out: list[str] = []
    # Open one file at a time: a burst may have more files than a process may open.
    with Unpacked() as unpacked:
        overviews: list[_Overview] = []
        curves: list[LightCurve] = []
        for path in kept:
            with _left_out_if(path in optional, left_out):
                if is_text_light_curve(path):
                    curves.append(read_text_light_curve(path, window))
                else:
                    overviews.append(_overview(path, unpacked))
        clock, clock_flags = _clock(overviews, trigger_time_s, trigger_utc)
        check_one_burst(_moments(overviews))
        contents = {}
        for overview in overviews:
            with _left_out_if(overview.path in optional, left_out):
                contents[overview.path] = _contents(overview.path, unpacked, clock, window)
        for path in named_files(contents):
            with _left_out_if(True, left_out):
                contents[path] = _contents(path, unpacked, clock, window)
    if not contents and not curves:
        raise InputError("\n".join(left_out))
    flags += [f"left out: {reason}" for reason in left_out]
    contents, duplicate_flags = without_duplicates(contents)
    contents, name_flags = with_unique_detectors(contents)
    all_flags = [*flags, *clock_flags, *duplicate_flags, *name_flags]
    observation = _assemble(burst_id, clock, contents, curves, all_flags)
    observation = _of_detectors(observation, detectors)
    data_flags = (*_data_flags(observation), *check_t0(observation))
    return replace(observation, flags=tuple(dict.fromkeys((*observation.flags, *data_flags))))


@contextmanager
def _left_out_if(optional: bool, left_out: list[str]) -> Iterator[None]:
    """Collect the reason why an optional file cannot be read, instead of raising it."""
    try:
        yield
    except InputError as error:
        if not optional:
            raise
        left_out.append(str(error))


def _overview(path: Path, unpacked: Unpacked) -> _Overview:
    with open_fits(path, unpacked) as file, reading(path):
        own = time_zero(file)
        zero = own or batse_time_zero(file)
        relative = own is None and zero is not None
        found = recognise(file)
        leading = file.at(found.tables[0])
        span_s = _span(leading, found)
        start_s = _start(leading, found, span_s)
        return _Overview(
            path,
            found.kind,
            zero,
            trigger_time_s(leading, start_s),
            start_s,
            relative,
            span_s,
            unusable_triggers(leading),
        )


def _moments(overviews: Sequence[_Overview]) -> list[Moment]:
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
            found.append(Moment(overview.path.name, overview.zero, met_s, is_trigger=is_trigger))
    return found


def _contents(
    path: Path, unpacked: Unpacked, clock: Clock, window_s: tuple[float, float]
) -> Contents:
    with open_fits(path, unpacked) as file, reading(path):
        return read_contents(file, recognise(file), clock, window_s)


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


def _clock(
    overviews: Sequence[_Overview], trigger_time_s: float | None, trigger_utc: str
) -> tuple[Clock, list[str]]:
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
            return Clock(overview.start_s, zero), [*flags, "t0 is start of data"]
    return Clock(0.0, zero), flags


def _credible(t0_met_s: float, data: Sequence[_Overview]) -> float:
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


def _assemble(
    burst_id: BurstId,
    clock: Clock,
    contents: dict[Path, Contents],
    curves: Sequence[LightCurve],
    flags: Sequence[str],
) -> Observation:
    parts = list(contents.values())
    spectra, used, pair_flags = pair_spectra(contents)
    all_events = [e for part in parts for e in part.events]
    events = join_events(all_events)
    events = apply_criteria(events, [c for part in parts for c in part.criteria])
    histories = join_histories([h for part in parts for h in part.histories if len(h.start_s)])
    in_files = [curve for part in parts for curve in part.light_curves]
    timed = {e.detector for e in events} | {h.detector for h in histories}
    responses, response_flags = validity_ranges(
        [
            part.matrices.responses
            for path, part in contents.items()
            if part.matrices is not None
            and (path not in used or part.matrices.responses[0].detector in timed)
        ]
    )
    return Observation(
        burst_id,
        "" if clock.zero is None else utc_of(clock.zero, clock.t0_met_s),
        clock.t0_met_s,
        adopt_channels(events, responses),
        histories,
        tuple(curve for curve in (*in_files, *curves) if len(curve.start_s)),
        spectra,
        responses,
        (
            *flags,
            *pair_flags,
            *response_flags,
            *_silent(all_events),
            *(f for part in parts for f in part.flags),
        ),
        tuple(criterion for part in parts for criterion in part.criteria),
        next((part.attitude for part in parts if part.attitude is not None), None),
        tuple(model for part in parts for model in part.background_models),
    )


def _data_flags(observation: Observation) -> list[str]:
    """Return the flags of the data, each with its detector."""
    flagged = [(e.detector, e.flags) for e in observation.events]
    flagged += [(h.detector, h.flags) for h in observation.histories]
    flagged += [("+".join(c.detectors), c.flags) for c in observation.light_curves]
    return [f"{detector}: {flag}" for detector, flags in flagged for flag in flags]


def _silent(events: Sequence[EventList]) -> list[str]:
    """Return a flag for each detector without any good event, with the reason if it is known."""
    seen = {e.detector for e in events if len(e.time_s)}
    silent = {e.detector: e.flags[-1:] for e in events if e.detector not in seen}
    return [
        f"left out: {name} has no good event{''.join(f' ({flag})' for flag in reasons)}"
        for name, reasons in silent.items()
    ]


def _of_detectors(observation: Observation, detectors: Sequence[str]) -> Observation:
    if not detectors:
        return observation
    wanted = {name.lower() for name in detectors}
    chosen = observation.only(
        lambda instrument, names: (
            not wanted.isdisjoint(name.lower() for name in (instrument, *names))
        )
    )
    if not chosen.detectors:
        there = ", ".join(sorted({name for _, name in observation.detectors})) or "none"
        raise InputError(f"no data of {', '.join(detectors)}: the files have {there}")
    known = {name.lower() for pair in chosen.detectors for name in pair}
    missing = [name for name in detectors if name.lower() not in known]
    flags = (f"no data of {', '.join(missing)}, which the configuration names",) if missing else ()
    return replace(chosen, flags=(*chosen.flags, *flags))
