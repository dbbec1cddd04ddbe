"""Joining of the data of one detector from several files."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.channels import index_of
from eclgrmd.formats.read.events import select_good_times
from eclgrmd.formats.read.gti import combine_criteria
from eclgrmd.formats.rows.repeats import without_overlaps
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import intersection, meeting, outside, union
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, Criterion, EventList, Floats, History, Response

__all__ = [
    "adopt_channels",
    "apply_criteria",
    "join_events",
    "join_histories",
    "validity_ranges",
]


_Owner = tuple[Instrument, str]
"""Instrument, and the maker of an unknown instrument."""


def join_events(parts: Sequence[EventList]) -> tuple[EventList, ...]:
    """Join the events of each detector in time; where two files overlap, the first one is used.

    Raises
    ------
    InputError
        If two files of a detector have different channels.
    """
    by_detector: dict[tuple[str, str, str], list[EventList]] = {}
    for part in parts:
        if len(part.time_s):
            by_detector.setdefault((part.instrument, part.maker, part.detector), []).append(part)
    return tuple(_join(sorted(p, key=lambda e: e.time_s[0])) for p in by_detector.values())


def _join(parts: Sequence[EventList]) -> EventList:
    first = parts[0]
    if len(parts) == 1:
        return first
    kept, taken, flags = [first], first.gti_s, dict.fromkeys(first.flags)
    for part in parts[1:]:
        if not _same_channels(part.channels, first.channels):
            raise InputError(f"two files of {first.detector} have different energy channels")
        flags |= dict.fromkeys(part.flags)
        free = part
        if len(intersection(part.gti_s, taken)):
            free = select_good_times(part, gti_s=outside(taken))
            lost = len(part.time_s) - len(free.time_s)
            flags[Flag(FlagCode.OVERLAPPING_FILES, detail=str(lost))] = None
        taken = union(np.concatenate([taken, part.gti_s]))
        kept.append(free)
    time_s = np.concatenate([part.time_s for part in kept])
    channel = np.concatenate([part.channel for part in kept])
    if (np.diff(time_s) < 0).any():
        order = np.argsort(time_s, kind="stable")
        time_s, channel = time_s[order], channel[order]
    weights = [max(len(part.time_s), 1) for part in kept]
    return replace(
        first,
        time_s=time_s,
        channel=channel,
        gti_s=union(np.concatenate([part.gti_s for part in kept])),
        dead_time_s=float(np.average([part.dead_time_s for part in kept], weights=weights)),
        flags=tuple(flags),
        files=tuple(dict.fromkeys(name for part in kept for name in part.files)),
        frame_s=max(part.frame_s for part in kept),
    )


def join_histories(parts: Sequence[History]) -> tuple[History, ...]:
    """Join the histories of each detector with the same channels in time.

    Bins that repeat or overlap others are left out, such as those of a file under two names.
    """
    groups: list[list[History]] = []
    for part in parts:
        for group in groups:
            first = group[0]
            same = _owner(first) == _owner(part) and first.detector == part.detector
            if same and _same_channels(first.channels, part.channels):
                group.append(part)
                break
        else:
            groups.append([part])
    return tuple(_join_bins(group) for group in groups)


def _join_bins(parts: Sequence[History]) -> History:
    first = parts[0]
    if len(parts) == 1:
        return first
    start_s, stop_s, counts, exposure_s = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("start_s", "stop_s", "counts", "exposure_s")
    )
    single = without_overlaps(start_s, stop_s, counts)
    rows = single.rows
    usable = np.all([part.channels.usable for part in parts], axis=0)
    return replace(
        first,
        start_s=start_s[rows],
        stop_s=meeting(start_s[rows], stop_s[rows]),
        counts=np.where(usable, counts[rows], 0.0),
        exposure_s=exposure_s[rows],
        channels=first.channels if usable.all() else replace(first.channels, good=usable),
        flags=tuple(dict.fromkeys([f for part in parts for f in part.flags] + [*single.flags])),
        files=tuple(dict.fromkeys(name for part in parts for name in part.files)),
    )


def _same_channels(one: Channels | None, other: Channels | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one.number, other.number) and np.allclose(
        one.e_min_kev, other.e_min_kev, rtol=1e-3
    )


def apply_criteria(
    events: Sequence[EventList], criteria: Sequence[Criterion]
) -> tuple[EventList, ...]:
    """Select the events within the good times of their instrument from separate files."""
    good: dict[_Owner, Floats | None] = {}
    for owner in dict.fromkeys(_owner(e) for e in events):
        own = [c for c in criteria if _holds_for(c, owner)]
        good[owner] = combine_criteria(own) if own else None
    return tuple(
        e if (gti_s := good[_owner(e)]) is None else select_good_times(e, gti_s=gti_s)
        for e in events
    )


def _owner(data: EventList | History) -> _Owner:
    return data.instrument, data.maker


def _holds_for(criterion: Criterion, owner: _Owner) -> bool:
    """Return whether good times apply to an instrument; those without a maker apply to any."""
    instrument, maker = owner
    return criterion.instrument == instrument and criterion.maker in {"", maker}


def adopt_channels(
    events: Sequence[EventList], responses: Sequence[Response]
) -> tuple[EventList, ...]:
    """Return the events, those without EBOUNDS with the channels of their detector's response."""
    return tuple(_adopt(e, responses) if e.channels is None else e for e in events)


def _adopt(events: EventList, responses: Sequence[Response]) -> EventList:
    for response in responses:
        same = (response.instrument, response.detector) == (events.instrument, events.detector)
        # Events that are all in channel 0 come from a file without channel numbers.
        if same and events.channel.any():
            index = index_of(events.channel, response.channels)
            known = index >= 0
            return replace(
                events,
                time_s=events.time_s[known],
                channel=index[known],
                channels=response.channels,
                flags=(*events.flags, Flag(FlagCode.CHANNELS_OF_RESPONSE)),
            )
    return events


def validity_ranges(
    files: Sequence[tuple[Response, ...]],
) -> tuple[tuple[Response, ...], list[Flag]]:
    """Choose a response file for each detector and number of channels, and close time gaps.

    If several files fit, the one with more matrices in time (RSP2) is chosen. Each matrix is valid
    until the next one starts; the first and the last one have no limit.

    Returns
    -------
    tuple
        The responses, and a flag for each file that was not chosen.
    """
    best: dict[tuple[str, str, int], tuple[Response, ...]] = {}
    flags = []
    for responses in files:
        key = (
            responses[0].instrument,
            responses[0].detector,
            len(responses[0].channels.number),
        )
        other = best.get(key, ())
        if len(responses) > len(other):
            best[key], other = responses, best.get(key, ())
        if other:
            loser = other if best[key] is responses else responses
            flags.append(_other_response(loser, best[key]))
    return tuple(r for responses in best.values() for r in _touching(responses)), flags


def _other_response(left: Sequence[Response], used: Sequence[Response]) -> Flag:
    left_name, used_name = ("+".join(each[0].files) for each in (left, used))
    return Flag(FlagCode.SAME_RESPONSE, subject=left_name, detail=used_name)


def _touching(responses: tuple[Response, ...]) -> tuple[Response, ...]:
    ordered = sorted(responses, key=lambda r: r.start_s)
    starts = [r.start_s for r in ordered]
    if len(set(starts)) < len(starts):
        return responses
    edges = [-np.inf, *starts[1:], np.inf]
    return tuple(
        replace(r, start_s=float(edges[i]), stop_s=float(edges[i + 1]))
        for i, r in enumerate(ordered)
    )
