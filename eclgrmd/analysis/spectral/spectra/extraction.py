"""Extraction of spectra and their background from events or histories over an interval."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.background.spline import BackgroundFit, background_of
from eclgrmd.analysis.temporal.curve.chosen import is_wanted
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval, intersection
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import (
    Background,
    Channels,
    EventList,
    Floats,
    History,
    Observation,
    Response,
    Spectrum,
)

from .depleted import depleted_channels
from .selection import weighted_response

__all__ = ["Extracted", "extract_spectra", "extract_spectrum", "responses_of"]
Bools = NDArray[np.bool_]
_PIECES = 256
"""Number of pieces that an interval of events is cut into, to weight live time and responses."""
_GAPS = 1e-3
"""Missing fraction of an interval from which it is flagged as not fully covered."""
_OFF = 0.2
"""Fraction of an interval that a spectrum may miss without being ranked lower; a choice."""


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """The part of one detector's data inside an interval, in k pieces without gaps."""

    instrument: Instrument
    detector: str
    channels: Channels
    start_s: Floats
    """Starts of the pieces, seconds after t0, shape (k,)."""
    stop_s: Floats
    """Stops of the pieces, seconds after t0, shape (k,)."""
    exposure_s: Floats
    """Live time of each piece, seconds, shape (k,)."""
    counts: Floats
    """Counts of each piece and channel, shape (k, channels)."""
    depleted: Bools
    """Channels that lost most of their counts or are unusable, shape (channels,)."""
    flags: tuple[Flag, ...]

    @property
    def covered_s(self) -> float:
        return float((self.stop_s - self.start_s).sum())


def _cut_events(events: EventList, interval_s: Interval) -> _Cut | None:
    """Return the events of an interval, or None if there are none or they have no channels.

    The interval is cut at gaps, and finely enough to weight live time and responses.
    """
    if events.channels is None:
        return None
    start, stop = _refined(*intersection(events.gti_s, [interval_s]).T)
    if not len(start):
        return None
    n = len(events.channels.number)
    first = np.searchsorted(events.time_s, start, side="left")
    last = np.searchsorted(events.time_s, stop, side="left")
    counts = np.array(
        [
            np.bincount(events.channel[a:b], minlength=n)[:n]
            for a, b in zip(first, last, strict=True)
        ],
        dtype=np.float64,
    )
    overflow = events.overflow_dead_time_s or events.dead_time_s
    dead = counts[:, :-1].sum(axis=1) * events.dead_time_s + counts[:, -1] * overflow
    return _Cut(
        events.instrument,
        events.detector,
        events.channels,
        start,
        stop,
        np.maximum(stop - start - dead, 0.0),
        counts,
        depleted_channels(np.bincount(events.channel, minlength=n)[:n].astype(np.float64)),
        events.flags,
    )


def _refined(start: Floats, stop: Floats) -> tuple[Floats, Floats]:
    """Split pieces that are longer than 1/256 of the total."""
    longest = max(float((stop - start).sum()) / _PIECES, 1e-9)
    edges = [
        np.linspace(a, b, max(1, int(np.ceil((b - a) / longest))) + 1)
        for a, b in zip(start, stop, strict=True)
    ]
    if not edges:
        return start, stop
    return np.concatenate([e[:-1] for e in edges]), np.concatenate([e[1:] for e in edges])


def _cut_history(history: History, interval_s: Interval) -> _Cut | None:
    """Return the bins that lie by more than half inside the interval, or None if there are none.

    If there is no such bin, the bin that contains more than half of the interval is used. The
    interval of the result is that of the bins.
    """
    overlap = np.minimum(history.stop_s, interval_s[1]) - np.maximum(history.start_s, interval_s[0])
    taken = overlap > 0.5 * (history.stop_s - history.start_s)
    if not taken.any() and overlap.max(initial=0.0) > 0.5 * (interval_s[1] - interval_s[0]):
        taken[np.argmax(overlap)] = True
    if not taken.any():
        return None
    return _Cut(
        history.instrument,
        history.detector,
        history.channels,
        history.start_s[taken],
        history.stop_s[taken],
        history.exposure_s[taken],
        history.counts[taken],
        depleted_channels(history.counts.sum(axis=0)) | ~history.channels.usable,
        history.flags,
    )


def extract_spectrum(
    source: EventList | History,
    interval_s: Interval,
    background: BackgroundFit | None,
    responses: Sequence[Response],
) -> Spectrum | None:
    """Extract the spectrum of one detector over an interval.

    Parameters
    ----------
    source
        Events, or a history (see `_cut_history` for the choice of bins).
    interval_s
        Start and stop, seconds after t0.
    background
        Background model of the detector; None for a spectrum without background.
    responses
        Responses of this detector with their times of validity; they are averaged with the counts
        as weights.

    Returns
    -------
    Spectrum or None
        None if the detector has no live time in the interval.
    """
    cut = _cut(source, interval_s)
    return None if cut is None else _spectrum(source, cut, background, responses)


def _cut(source: EventList | History, interval_s: Interval) -> _Cut | None:
    """Return a source's part inside an interval, or None if it has no live time there."""
    cut = (
        _cut_events(source, interval_s)
        if isinstance(source, EventList)
        else _cut_history(source, interval_s)
    )
    return None if cut is None or not cut.exposure_s.sum() > 0.0 else cut


def _spectrum(
    source: EventList | History,
    cut: _Cut,
    background: BackgroundFit | None,
    responses: Sequence[Response],
) -> Spectrum:
    pieces = list(zip(cut.start_s.tolist(), cut.stop_s.tolist(), strict=True))
    return Spectrum(
        instrument=cut.instrument,
        detector=cut.detector,
        start_s=float(cut.start_s[0]),
        stop_s=float(cut.stop_s[-1]),
        counts=cut.counts.sum(axis=0),
        exposure_s=_exposure(background, cut),
        background=_background(background, cut),
        response=weighted_response(responses, pieces, cut.counts.sum(axis=1).tolist()),
        channels=cut.channels,
        good=~cut.depleted if cut.depleted.any() else None,
        flags=(*cut.flags, *_coverage_flags(cut), *_depletion_flags(cut)),
        files=source.files,
        covered_s=cut.covered_s,
    )


def _fits(fit: BackgroundFit | None, cut: _Cut) -> bool:
    """Return whether a background has the channels of the data."""
    return fit is not None and len(fit.coefficients) == len(cut.channels.number)


def _background(fit: BackgroundFit | None, cut: _Cut) -> Background | None:
    if fit is None or not _fits(fit, cut):
        return None
    counts, error = fit.total(cut.start_s, cut.stop_s, cut.exposure_s)
    return Background(counts=counts, error=error)


def _exposure(fit: BackgroundFit | None, cut: _Cut) -> float:
    """Return the effective live time of the burst's photons, seconds.

    The dead time is largest where the burst is brightest, so the mean live fraction over time is
    too large for the burst's photons. The live fraction is averaged over the net counts instead.
    """
    live = cut.exposure_s / (cut.stop_s - cut.start_s)
    net = cut.counts.sum(axis=1)
    if fit is not None and _fits(fit, cut):
        net = net - fit.counts(cut.start_s, cut.stop_s, cut.exposure_s).sum(axis=1)
    net = np.where(live > 0.0, np.maximum(net, 0.0), 0.0)
    incident = float((net / np.where(live > 0.0, live, 1.0)).sum())
    total = float(cut.exposure_s.sum())
    return cut.covered_s * float(net.sum()) / incident if incident > 0.0 else total


def _depletion_flags(cut: _Cut) -> tuple[Flag, ...]:
    return (Flag(FlagCode.DEPLETED),) if cut.depleted.any() else ()


def _coverage_flags(cut: _Cut) -> tuple[Flag, ...]:
    """Return a flag if there are gaps inside the interval that was used."""
    length = float(cut.stop_s[-1] - cut.start_s[0])
    covered = cut.covered_s >= (1.0 - _GAPS) * length
    return () if covered else (Flag(FlagCode.NOT_COVERED),)


@dataclass(frozen=True, slots=True, eq=False)
class Extracted:
    """The spectra of several detectors over one interval."""

    interval_s: Interval
    """The interval that was used, seconds after t0; that of the bins if there are histories."""
    spectra: tuple[Spectrum, ...]
    """One spectrum per detector."""


def extract_spectra(
    observation: Observation,
    interval_s: Interval,
    backgrounds: Sequence[BackgroundFit],
    detectors: Sequence[str],
) -> Extracted:
    """Extract one spectrum per detector over an interval.

    A detector may have events and histories of several binnings. Data are preferred, in this order,
    if they have a response for their channels, if they have a background, if they cover the
    interval within 20 % of its length, if they have more channels, and if they are events. If any
    chosen data are a history, all detectors are extracted over the bins of the coarsest one.

    Parameters
    ----------
    observation
        Events, histories and responses.
    interval_s
        Start and stop, seconds after t0.
    backgrounds
        Background model of each detector, with all its channels.
    detectors
        Names of wanted detectors or instruments, see `is_wanted`; empty for all.
    """
    found: dict[tuple[Instrument, str], _Candidate] = {}
    sources: tuple[EventList | History, ...] = (*observation.events, *observation.histories)
    for source in sources:
        if not is_wanted(source.instrument, (source.detector,), detectors):
            continue
        cut = _cut(source, interval_s)
        if cut is None:
            continue
        fit, responses = background_of(backgrounds, source), responses_of(observation, source)
        candidate = _Candidate(source, cut, fit, responses)
        key = (source.instrument, source.detector)
        if key not in found or candidate.rank(interval_s) > found[key].rank(interval_s):
            found[key] = candidate
    chosen = list(found.values())
    used = _used_interval(chosen, interval_s)
    if used != interval_s:
        chosen = [replace(each, cut=_cut(each.source, used) or each.cut) for each in chosen]
    return Extracted(used, tuple(each.spectrum() for each in chosen))


_Rank = tuple[bool, bool, bool, int, bool]


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """One of the data sets of a detector; the spectrum of the best one is extracted."""

    source: EventList | History
    cut: _Cut
    fit: BackgroundFit | None
    responses: Sequence[Response]

    @property
    def reach_s(self) -> Interval:
        """First start and last stop of the cut, seconds after t0."""
        return float(self.cut.start_s[0]), float(self.cut.stop_s[-1])

    def rank(self, interval_s: Interval) -> _Rank:
        """Return the rank among the data sets of the detector; the highest is used."""
        length = interval_s[1] - interval_s[0]
        off = _distance(self.reach_s, interval_s)
        return (
            bool(self.responses),
            _fits(self.fit, self.cut),
            off <= _OFF * length and self.cut.covered_s >= (1.0 - _OFF) * length,
            self.cut.counts.shape[1],
            isinstance(self.source, EventList),
        )

    def spectrum(self) -> Spectrum:
        """Return the spectrum with its background and response."""
        return _spectrum(self.source, self.cut, self.fit, self.responses)


def _used_interval(chosen: Sequence[_Candidate], asked_s: Interval) -> Interval:
    """Return the interval of the coarsest history, or the one that the events cover, seconds."""
    if not chosen:
        return asked_s
    binned = [each.reach_s for each in chosen if isinstance(each.source, History)]
    if binned:
        return max(binned, key=lambda used: _distance(used, asked_s))
    return min(each.reach_s[0] for each in chosen), max(each.reach_s[1] for each in chosen)


def _distance(one_s: Interval, other_s: Interval) -> float:
    return max(abs(one_s[0] - other_s[0]), abs(one_s[1] - other_s[1]))


def responses_of(observation: Observation, source: EventList | History) -> list[Response]:
    """Return the responses of a detector that have the same channels as the data."""
    named = [r for r in observation.responses if r.detector == source.detector]
    same = [r for r in named if r.instrument == source.instrument] or [
        r for r in named if Instrument.OTHER in {r.instrument, source.instrument}
    ]
    if source.channels is None:
        return same
    channels = len(source.channels.number)
    return [r for r in same if r.matrix_cm2.shape[1] == channels]
