"""Which of an instrument's data a light curve is made of, and why not of the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, History, LightCurve, Observation

from .curves import matching_bins

__all__ = ["OTHER_BINS", "Chosen", "choose", "is_wanted"]

Series = TypeVar("Series", EventList, History)

_BGO = "a BGO detector"
_BINNED_ONLY = "binned data only, others have events"
_OTHER = "other bins"
OTHER_BINS = frozenset({_BINNED_ONLY, _OTHER})
"""Reasons that only tell of the bins."""
_SHORT_S = 20.0
_SHORT_PART = 0.1
_LONG_PART = 0.5
_MOST_BINS = 0.9
"""Part of its bins that a history must share with others to be summed with them."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The data of one instrument that are summed; exactly one of the three is not empty."""

    events: tuple[EventList, ...] = ()
    histories: tuple[History, ...] = ()
    curves: tuple[LightCurve, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Detectors that are not summed, each with the reason."""

    def __bool__(self) -> bool:
        return bool(self.events or self.histories or self.curves)

    @property
    def flags(self) -> tuple[str, ...]:
        """Name the detectors that are not summed, by reason."""
        by_reason: dict[str, list[str]] = {}
        for detector, reason in self.reasons.items():
            by_reason.setdefault(reason, []).append(detector)
        return tuple(f"{', '.join(names)} not counted: {why}" for why, names in by_reason.items())


def choose(
    observation: Observation, instrument: Instrument, detectors: Sequence[str], maker: str = ""
) -> Chosen:
    """Choose what of an instrument is summed.

    Events go before histories, and those before light curves; but events of a few seconds, which
    hold no background (BATSE recorded them until its memory was full), give way to histories. Of
    several histories of a detector those are chosen that most detectors have in the same bins, and
    of those the finest in time. GBM durations are measured with its NaI detectors, so its BGO ones
    (b0, b1) are left out while there are others.

    Parameters
    ----------
    observation
        Of the burst.
    instrument
        Whose data are wanted.
    detectors
        Those wanted (`is_wanted`); empty: all.
    maker
        Of an instrument that is not known: only its data are of one instrument.
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
    """Return whether data are among those that a configuration names: detectors or instruments."""
    if not wanted:
        return True
    lower = {name.lower() for name in wanted}
    return instrument.lower() in lower or any(name.lower() in lower for name in names)


def _others(
    left: Sequence[EventList | History], used: Sequence[EventList | History], reason: str
) -> dict[str, str]:
    known = {data.detector for data in used}
    return {data.detector: reason for data in left if data.detector not in known}


def _without_bgo(data: Sequence[Series], reasons: dict[str, str]) -> list[Series]:
    kept = [d for d in data if not _is_bgo(d)]
    if not kept:
        return list(data)
    reasons |= {d.detector: _BGO for d in data if _is_bgo(d)}
    return kept


def _without_bgo_of(
    histories: Sequence[History], events: Sequence[EventList], reasons: dict[str, str]
) -> list[History]:
    """Leave out the BGO detectors where the events are of others."""
    if all(_is_bgo(e) for e in events):
        return list(histories)
    known = {e.detector for e in events} | reasons.keys()
    reasons |= {h.detector: _BGO for h in histories if _is_bgo(h) and h.detector not in known}
    return [h for h in histories if not _is_bgo(h)]


def _is_bgo(data: EventList | History) -> bool:
    return data.instrument == Instrument.GBM and data.detector.startswith("b")


def _span_s(data: EventList | History) -> float:
    """Return the time from first to last that data cover, seconds."""
    if isinstance(data, EventList):
        return float(data.gti_s[-1, 1] - data.gti_s[0, 0]) if len(data.gti_s) else 0.0
    return float(data.stop_s[-1] - data.start_s[0]) if len(data.start_s) else 0.0


def _much_shorter(events: Sequence[EventList], histories: Sequence[History]) -> bool:
    span = max(_span_s(e) for e in events)
    return span < min(_SHORT_S, _SHORT_PART * max(_span_s(h) for h in histories))


def _long_ones(events: Sequence[EventList], reasons: dict[str, str]) -> list[EventList]:
    """Leave out detectors that recorded less than half as long as others: all must have seen it."""
    longest = max(_span_s(e) for e in events)
    kept = [e for e in events if _span_s(e) >= _LONG_PART * longest]
    reasons |= {e.detector: "recorded less than half as long" for e in events if e not in kept}
    return kept


def _of_same_bins(histories: Sequence[History], reasons: dict[str, str]) -> list[History]:
    """Choose the bins that most detectors have, of those the finest."""
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
    """Collect one history of each detector that has most bins of the first one, or of its own."""
    found = {first.detector: first}
    for other in histories:
        shared = len(matching_bins(first, other)[0])
        if shared >= _MOST_BINS * min(len(first.start_s), len(other.start_s)):
            found.setdefault(other.detector, other)
    ordered = dict.fromkeys(h.detector for h in histories)
    return [found[name] for name in ordered if name in found]


def _bin_s(history: History) -> float:
    return float(np.median(history.stop_s - history.start_s))
