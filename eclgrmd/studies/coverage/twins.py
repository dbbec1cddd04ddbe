"""Twins of a burst: event lists with its rate, spectrum and background, and a known truth.

The burst's own excess, smoothed within each Bayesian block, is the true rate. Its photons are
distributed over the channels as the reference fit folds them, or, without one, as the excess of
the data. The background is the measured one of each detector. Channels are grouped (`grouping`).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.errors import InputError
from eclgrmd.model.observation import (
    Channels,
    EventList,
    Floats,
    Observation,
    Response,
)
from eclgrmd.model.result import ModelFit

from .grouping import Starts, group_channels, group_counts, group_response, group_starts

__all__ = ["TwinModel", "draw_twin", "twin_model"]

_CELLS = 4096
"""Cells of the true rate between the first and the last block of the burst."""
_SMOOTH = 0.2
"""Width of the smoothing, in units of the block."""
_BACKGROUND_BINS = 512
"""Bins of a background's rate over the data."""


@dataclass(frozen=True, slots=True, eq=False)
class _Detector:
    """One detector of a twin."""

    events: EventList
    """The data, whose channels and good times the twin has."""
    source: Floats
    """Expected source counts by channel, shape (c,)."""
    edges_s: Floats
    """Edges of the bins of the background, seconds after t0, shape (b + 1,)."""
    background: Floats
    """Expected background counts by bin, all channels, shape (b,)."""
    background_channels: Floats
    """Expected background counts by channel, shape (c,)."""


@dataclass(frozen=True, slots=True, eq=False)
class TwinModel:
    """What twins are drawn from, and their truth."""

    observation: Observation
    """The data of the burst."""
    detectors: tuple[_Detector, ...]
    """Detectors with events."""
    edges_s: Floats
    """Edges of the cells of the true rate, seconds after t0, shape (n + 1,)."""
    cumulative: Floats
    """Part of the source counts that has arrived at each edge, from 0 to 1, shape (n + 1,)."""
    truth: dict[str, float]
    """True values: t90_s, t50_s, and epeak_kev if the reference fit has one."""


def twin_model(analysis: BurstAnalysis) -> TwinModel:
    """Return what twins of a burst are drawn from.

    Raises
    ------
    InputError
        If no burst was found, or the data are not event lists.
    """
    observation, temporal = analysis.observation, analysis.temporal
    reference = temporal.durations[0] if temporal and temporal.durations else None
    if reference is None or reference.t100_s is None:
        raise InputError("no burst was found, so it has no twins")
    if not observation.events:
        raise InputError("twins need event lists: the files have none")
    edges, cumulative = true_rate(reference)
    spectral = analysis.spectral
    fits = spectral.intervals[0] if spectral and spectral.intervals else None
    fit = fits.models[0] if fits and fits.models else None
    truth = {"t90_s": _width(edges, cumulative, 0.9), "t50_s": _width(edges, cumulative, 0.5)}
    epeak = fit.parameters.get("epeak_kev") if fit else None
    if epeak is not None and epeak.value is not None:
        truth["epeak_kev"] = epeak.value
    detectors = []
    responses = list(observation.responses)
    for events in observation.events:
        detector = _detector(events, analysis, reference, fits, fit)
        mine = [k for k, each in enumerate(observation.responses) if _fits(each, events)]
        if events.channels is not None and mine:
            starts = group_starts(events.channels)
            detector = _grouped(detector, events.channels, starts)
            wide = group_channels(events.channels, starts)
            for k in mine:
                responses[k] = group_response(observation.responses[k], wide, starts)
        detectors.append(detector)
    data = replace(observation, responses=tuple(responses))
    return TwinModel(data, tuple(detectors), edges, cumulative, truth)


def _fits(response: Response, events: EventList) -> bool:
    """Return whether a response is that of a detector, in the same channels."""
    return (
        events.channels is not None
        and (response.instrument, response.detector) == (events.instrument, events.detector)
        and np.array_equal(response.channels.number, events.channels.number)
    )


def _grouped(detector: _Detector, channels: Channels, starts: Starts) -> _Detector:
    """Return a detector whose events are counted in groups of channels."""
    return replace(
        detector,
        events=replace(detector.events, channels=group_channels(channels, starts)),
        source=group_counts(detector.source, starts),
        background_channels=group_counts(detector.background_channels, starts),
    )


def true_rate(reference: DurationMeasurement) -> tuple[Floats, Floats]:
    """Return edges in time, and the part of the source counts that has arrived at each of them.

    Each bin's excess is spread by a triangle as wide as a fifth of its Bayesian block, so that the
    noise of single bins goes and the structure that the blocks show stays.
    """
    curve, blocks = reference.curve, reference.block_edges_s
    low, high = reference.t100_s or (float(blocks[0]), float(blocks[-1]))
    edges = np.linspace(low, high, _CELLS + 1)
    middle = 0.5 * (curve.start_s + curve.stop_s)
    inside = (middle >= low) & (middle <= high)
    net = np.where(curve.exposure_s > 0.0, curve.counts - reference.background_counts, 0.0)[inside]
    at = middle[inside]
    block = np.clip(np.searchsorted(blocks, at, side="right") - 1, 0, len(blocks) - 2)
    length = np.diff(blocks)[block]
    width = np.maximum(_SMOOTH * length, (curve.stop_s - curve.start_s)[inside])
    arrived = np.zeros(len(edges))
    for time, spread, counts in zip(at, width, net, strict=True):
        # Cumulative distribution of a triangle of half width `spread`.
        x = np.clip((edges - time) / spread, -1.0, 1.0)
        arrived += counts * (0.5 + x - 0.5 * x * np.abs(x))
    rate = np.maximum(np.diff(arrived), 0.0)
    total = float(rate.sum())
    if total <= 0.0:
        raise InputError("the burst has no excess of counts, so it has no twins")
    return edges, np.concatenate([[0.0], np.cumsum(rate)]) / total


def draw_twin(model: TwinModel, rng: np.random.Generator) -> Observation:
    """Draw a twin: event lists of all detectors, with the responses of the burst."""
    observation = model.observation
    events = tuple(_drawn(model, detector, rng) for detector in model.detectors)
    return Observation(
        burst_id=observation.burst_id,
        t0_utc=observation.t0_utc,
        t0_met_s=observation.t0_met_s,
        events=events,
        responses=observation.responses,
    )


def _drawn(model: TwinModel, detector: _Detector, rng: np.random.Generator) -> EventList:
    data = detector.events
    source = rng.poisson(detector.source)
    number = int(source.sum())
    when = np.interp(rng.random(number), model.cumulative, model.edges_s)
    channel = np.repeat(np.arange(len(source)), source)
    rng.shuffle(channel)
    counts = rng.poisson(detector.background)
    start, width = detector.edges_s[:-1], np.diff(detector.edges_s)
    other = np.repeat(start, counts) + np.repeat(width, counts) * rng.random(int(counts.sum()))
    share = detector.background_channels / detector.background_channels.sum()
    of_background = rng.choice(len(share), size=len(other), p=share)
    time = np.concatenate([when, other])
    kept = _good(time, data.gti_s)
    order = np.argsort(time[kept], kind="stable")
    drawn = np.concatenate([channel, of_background])[kept][order]
    return EventList(
        instrument=data.instrument,
        detector=data.detector,
        time_s=time[kept][order],
        channel=drawn.astype(np.int16),
        channels=data.channels,
        gti_s=data.gti_s,
    )


def _good(time_s: Floats, gti_s: Floats) -> NDArray[np.bool_]:
    index = np.searchsorted(gti_s[:, 0], time_s, side="right") - 1
    inside: NDArray[np.bool_] = (index >= 0) & (time_s < gti_s[np.maximum(index, 0), 1])
    return inside


def _detector(
    events: EventList,
    analysis: BurstAnalysis,
    reference: DurationMeasurement,
    fits: IntervalFits | None,
    fit: ModelFit | None,
) -> _Detector:
    channels = int(events.channel.max(initial=0)) + 1
    if events.channels is not None:
        channels = len(events.channels.number)
    gti = events.gti_s
    edges = np.linspace(float(gti[0, 0]), float(gti[-1, 1]), _BACKGROUND_BINS + 1)
    low, high = reference.t100_s or (0.0, 0.0)
    during = (events.time_s >= low) & (events.time_s < high)
    beside = ~during
    in_channels = np.bincount(events.channel[beside], minlength=channels).astype(np.float64)
    background = _background(events, analysis, edges, (low, high))
    source = _folded(events, fits, fit, channels)
    if source is None:
        expected = background[(edges[:-1] >= low) & (edges[:-1] < high)].sum()
        found = np.bincount(events.channel[during], minlength=channels).astype(np.float64)
        source = np.maximum(found - expected * in_channels / max(in_channels.sum(), 1.0), 0.0)
    return _Detector(events, source, edges, background, np.maximum(in_channels, 1e-9))


def _folded(
    events: EventList, fits: IntervalFits | None, fit: ModelFit | None, channels: int
) -> Floats | None:
    """Return the source counts that the reference fit expects; None if it has no such detector."""
    if fits is None or fit is None:
        return None
    for spectrum, folded in zip(fits.spectra, fits.models[0].folded, strict=True):
        if spectrum.detector == events.detector and len(folded) == channels:
            return np.maximum(folded, 0.0)
    return None


def _background(
    events: EventList, analysis: BurstAnalysis, edges: Floats, burst_s: tuple[float, float]
) -> Floats:
    """Return the expected background counts of each bin, all channels together."""
    width = np.diff(edges)
    temporal = analysis.temporal
    for fit in temporal.backgrounds if temporal else ():
        if fit.detector == events.detector:
            return np.asarray(fit.summed().counts(edges[:-1], edges[1:], width)[:, 0])
    outside = ((events.time_s < burst_s[0]) | (events.time_s >= burst_s[1])).sum()
    live = float(np.diff(events.gti_s, axis=1).sum()) - (burst_s[1] - burst_s[0])
    return float(outside) / max(live, 1e-9) * width


def _width(edges: Floats, cumulative: Floats, share: float) -> float:
    low, high = np.interp([0.5 - 0.5 * share, 0.5 + 0.5 * share], cumulative, edges)
    return float(high - low)
