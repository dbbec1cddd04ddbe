"""Assembly of the files of one burst into an observation."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import open_fits, reading
from eclgrmd.formats.fits.packed import Unpacked
from eclgrmd.formats.fits.recognise import recognise
from eclgrmd.formats.fits.times import Clock, utc_of
from eclgrmd.formats.read.events import WHOLE_TIME
from eclgrmd.formats.read.text_light_curve import is_text_light_curve, read_text_light_curve
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import EventList, LightCurve, Observation

from .auxiliary import joined_attitude, joined_orbit
from .clock import Overview, choose_clock, moments_of, overview_of
from .contents import Contents, read_contents
from .duplicates import without_duplicates
from .join import (
    adopt_channels,
    apply_criteria,
    join_events,
    join_histories,
    validity_ranges,
)
from .missions import light_travel_flags
from .namesakes import with_unique_detectors
from .one_burst import check_one_burst
from .span import check_t0
from .spectra import named_files, pair_spectra
from .versions import newest

__all__ = ["of_detectors", "read_observation"]


def read_observation(
    paths: Sequence[Path],
    *,
    burst_id: BurstId,
    trigger_time_s: float | None = None,
    trigger_utc: str = "",
    detectors: Sequence[str] = (),
    window_s: tuple[float, float] | None = None,
    optional: Collection[Path] = (),
    unpacked: Unpacked | None = None,
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
    unpacked
        Has unpacked files from an earlier reading, and keeps those of this one; None: they are
        removed again.

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
    with ExitStack() as stack:
        plain = stack.enter_context(Unpacked()) if unpacked is None else unpacked
        overviews: list[Overview] = []
        curves: list[LightCurve] = []
        for path in kept:
            with _left_out_if(path in optional, left_out):
                if is_text_light_curve(path):
                    curves.append(read_text_light_curve(path, window))
                else:
                    overviews.append(overview_of(path, plain))
        clock, clock_flags = choose_clock(overviews, trigger_time_s, trigger_utc)
        check_one_burst(moments_of(overviews))
        contents = {}
        for overview in overviews:
            with _left_out_if(overview.path in optional, left_out):
                contents[overview.path] = _contents(overview.path, plain, clock, window)
        for path in named_files(contents):
            with _left_out_if(True, left_out):
                contents[path] = _contents(path, plain, clock, window)
    if not contents and not curves:
        raise InputError("\n".join(left_out))
    flags += [Flag(FlagCode.UNREADABLE, detail=reason) for reason in left_out]
    contents, duplicate_flags = without_duplicates(contents)
    contents, name_flags = with_unique_detectors(contents)
    all_flags = [*flags, *clock_flags, *duplicate_flags, *name_flags]
    observation = _assemble(burst_id, clock, contents, curves, all_flags)
    observation = of_detectors(observation, detectors)
    data_flags = (
        *_data_flags(observation),
        *check_t0(observation),
        *light_travel_flags(observation),
    )
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


def _contents(
    path: Path, unpacked: Unpacked, clock: Clock, window_s: tuple[float, float]
) -> Contents:
    with open_fits(path, unpacked) as file, reading(path):
        return read_contents(file, recognise(file), clock, window_s)


def _assemble(
    burst_id: BurstId,
    clock: Clock,
    contents: dict[Path, Contents],
    curves: Sequence[LightCurve],
    flags: Sequence[Flag],
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
        joined_attitude([part.attitude for part in parts if part.attitude is not None]),
        tuple(model for part in parts for model in part.background_models),
        joined_orbit([part.orbit for part in parts if part.orbit is not None]),
        join_histories([h for part in parts for h in part.other_orbits]),
    )


def _data_flags(observation: Observation) -> list[Flag]:
    """Return the flags of the data, each with its detector."""
    flagged = [(e.detector, e.flags) for e in observation.events]
    flagged += [(h.detector, h.flags) for h in observation.histories]
    flagged += [("+".join(c.detectors), c.flags) for c in observation.light_curves]
    return [flag.about(detector) for detector, flags in flagged for flag in flags]


def _silent(events: Sequence[EventList]) -> list[Flag]:
    """Return a flag for each detector without any good event, with the reason if it is known."""
    seen = {e.detector for e in events if len(e.time_s)}
    silent = {e.detector: e.flags[-1:] for e in events if e.detector not in seen}
    return [
        Flag(
            FlagCode.NO_GOOD_EVENT,
            subject=name,
            detail="".join(f" ({flag})" for flag in reasons),
        )
        for name, reasons in silent.items()
    ]


def of_detectors(observation: Observation, detectors: Sequence[str]) -> Observation:
    """Return the data of detectors or instruments by name; of all if no names are given.

    Raises
    ------
    InputError
        If there are no data of them.
    """
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
    if not missing:
        return chosen
    flag = Flag(FlagCode.DETECTOR_MISSING, detail=", ".join(missing))
    return replace(chosen, flags=(*chosen.flags, flag))
