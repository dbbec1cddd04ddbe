"""Choice of an instrument's data for its light curve, with reasons for what is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, History, LightCurve, Observation

from .bins import matching_bins

__all__ = ["OTHER_BINS", "Chosen", "choose", "is_wanted"]

EventsOrHistory = TypeVar("EventsOrHistory", EventList, History)

_BGO = "a BGO detector"
_BINNED_ONLY = "binned data only, others have events"
_OTHER = "other bins"
OTHER_BINS = frozenset({_BINNED_ONLY, _OTHER})
"""Reasons that concern only the time bins; such detectors may be added by `joint_choice`."""
_SHORT_S = 20.0
"""Duration of events, seconds, below which histories may replace them; a choice (BATSE's event
memory was full after a few seconds of a bright burst)."""
_SHORT_PART = 0.1
"""Duration of events, as a fraction of the histories', below which histories replace them."""
_LONG_PART = 0.5
"""Duration, as a fraction of the longest, that a detector must have recorded; a choice."""
_MOST_BINS = 0.9
"""Fraction of its bins that a history must share with another to be summed with it; a choice."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The data of one instrument that are summed; at most one of the three kinds is not empty."""

    events: tuple[EventList, ...] = ()
    """Event lists, one per detector."""
    histories: tuple[History, ...] = ()
    """Histories (binned spectra in time), one per detector, with the same bins."""
    curves: tuple[LightCurve, ...] = ()
    """Light curves."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Detectors that are not summed, each with the reason."""

    def __bool__(self) -> bool:
        return bool(self.events or self.histories or self.curves)

    @property
    def origin(self) -> tuple[Instrument, str]:
        """The instrument, and its maker if it is unknown; there must be data."""
        data: list[EventList | History | LightCurve]
        data = [*self.events, *self.histories, *self.curves]
        return data[0].instrument, data[0].maker

    @property
    def flags(self) -> tuple[Flag, ...]:
        """Flags that name the detectors that are not summed, one per reason."""
        by_reason: dict[str, list[str]] = {}
        for detector, reason in self.reasons.items():
            by_reason.setdefault(reason, []).append(detector)
        return tuple(
            Flag(FlagCode.NOT_COUNTED, subject=", ".join(names), detail=why)
            for why, names in by_reason.items()
        )


def choose(
    observation: Observation, instrument: Instrument, detectors: Sequence[str], maker: str = ""
) -> Chosen:
    """Choose the data of an instrument that are summed to a light curve.

    Events are preferred to histories, and histories to light curves. Events of only a few seconds
    contain no background (BATSE recorded events until its memory was full), so histories are
    preferred to them. Of several histories per detector, the bins shared by most detectors are
    chosen, and among those the finest. GBM durations are measured with the NaI detectors, so the
    BGO detectors (b0, b1) are left out if there are others.

    Parameters
    ----------
    observation
        The data of the burst.
    instrument
        The instrument.
    detectors
        Names of wanted detectors or instruments, see `is_wanted`; empty for all.
    maker
        Mission and instrument named in the files of an unknown instrument, which separates the
        data of different unknown instruments; empty for known ones.
    """

    def of_it(data: EventList | History | LightCurve, names: Sequence[str]) -> bool:
        same = data.instrument == instrument and data.maker == maker
        return same and is_wanted(instrument, names, detectors)

    events = [e for e in observation.events if of_it(e, (e.detector,))]
    histories = [h for h in observation.histories if of_it(h, (h.detector,))]
    reasons: dict[str, str] = {}
    if events and not (histories and _much_shorter(events, histories)):
        kept = _long_ones(_without_bgo(events, reasons), reasons)
        reasons |= _others(_without_bgo_of(histories, kept, reasons), [*events], _BINNED_ONLY)
        return Chosen(events=tuple(kept), reasons=reasons)
    if histories:
        same = _of_same_bins(_without_bgo(histories, reasons), reasons)
        reasons |= _others(events, [*histories], "events of a few seconds only")
        return Chosen(histories=tuple(same), reasons=reasons)
    curves = tuple(c for c in observation.light_curves if of_it(c, c.detectors))
    return Chosen(curves=curves)


def is_wanted(instrument: Instrument, names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Return True if the configured names include the instrument or one of the detectors.

    Parameters
    ----------
    instrument, names
        Instrument and detectors of the data.
    wanted
        Configured names of detectors or instruments, compared without case; empty for all.
    """
    if not wanted:
        return True
    lower = {name.lower() for name in wanted}
    return instrument.lower() in lower or any(name.lower() in lower for name in names)


def _others(
    left: Sequence[EventList | History], used: Sequence[EventList | History], reason: str
) -> dict[str, str]:
    known = {data.detector for data in used}
    return {data.detector: reason for data in left if data.detector not in known}


def _without_bgo(data: Sequence[EventsOrHistory], reasons: dict[str, str]) -> list[EventsOrHistory]:
    kept = [d for d in data if not _is_bgo(d)]
    if not kept:
        return list(data)
    reasons |= {d.detector: _BGO for d in data if _is_bgo(d)}
    return kept


def _without_bgo_of(
    histories: Sequence[History], events: Sequence[EventList], reasons: dict[str, str]
) -> list[History]:
    """Leave out the histories of BGO detectors if there are events of other detectors."""
    if all(_is_bgo(e) for e in events):
        return list(histories)
    known = {e.detector for e in events} | reasons.keys()
    reasons |= {h.detector: _BGO for h in histories if _is_bgo(h) and h.detector not in known}
    return [h for h in histories if not _is_bgo(h)]


def _is_bgo(data: EventList | History) -> bool:
    return data.instrument == Instrument.GBM and data.detector.startswith("b")


def _span_s(data: EventList | History) -> float:
    """Return the time from the start to the end of the data, seconds."""
    if isinstance(data, EventList):
        return float(data.gti_s[-1, 1] - data.gti_s[0, 0]) if len(data.gti_s) else 0.0
    return float(data.stop_s[-1] - data.start_s[0]) if len(data.start_s) else 0.0


def _much_shorter(events: Sequence[EventList], histories: Sequence[History]) -> bool:
    span = max(_span_s(e) for e in events)
    return span < min(_SHORT_S, _SHORT_PART * max(_span_s(h) for h in histories))


def _long_ones(events: Sequence[EventList], reasons: dict[str, str]) -> list[EventList]:
    """Leave out detectors with less than half the longest duration: all must cover the burst."""
    longest = max(_span_s(e) for e in events)
    kept = [e for e in events if _span_s(e) >= _LONG_PART * longest]
    reasons |= {e.detector: "recorded less than half as long" for e in events if e not in kept}
    return kept


def _of_same_bins(histories: Sequence[History], reasons: dict[str, str]) -> list[History]:
    """Return the histories with the bins that most detectors share; of several, the finest."""
    longest = max(_span_s(h) for h in histories)
    candidates = [h for h in histories if _span_s(h) >= _LONG_PART * longest]
    groups = [_with_bins_of(first, candidates) for first in candidates]
    best = max(groups, key=lambda group: (len(group), -_bin_s(group[0])))
    known = {h.detector for h in best}
    for history in histories:
        if history.detector not in known:
            short = _span_s(history) < _LONG_PART * longest
            reasons[history.detector] = "recorded less than half as long" if short else _OTHER
    return best


def _with_bins_of(first: History, histories: Sequence[History]) -> list[History]:
    """Return one history per detector that shares 90 % of the bins with the first one."""
    found = {first.detector: first}
    for other in histories:
        shared = len(matching_bins(first, other)[0])
        if shared >= _MOST_BINS * min(len(first.start_s), len(other.start_s)):
            found.setdefault(other.detector, other)
    ordered = dict.fromkeys(h.detector for h in histories)
    return [found[name] for name in ordered if name in found]


def _bin_s(history: History) -> float:
    return float(np.median(history.stop_s - history.start_s))
