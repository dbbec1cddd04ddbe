"""Background of every detector in all its channels, which spectra subtract."""

from collections.abc import Sequence

import numpy as np

from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.intervals import intersection, outside, total_length, union
from eclgrmd.model.observation import EventList, Floats, History, Observation

from .background.fit import fit_background
from .background.given import given_backgrounds
from .background.polynomial import BackgroundFit, background_of
from .curve.chosen import is_wanted
from .curve.curves import history_of, whole_frames
from .search.find import FoundBurst

__all__ = ["detector_backgrounds"]

_BINS = 400
_PAD_S = 1.0
_LEAST_SHARE = 0.25
"""Of the reference's background that must be left when others narrow it."""


def detector_backgrounds(
    observation: Observation,
    configuration: TaskConfiguration,
    found: Sequence[FoundBurst],
) -> tuple[BackgroundFit, ...]:
    """Fit every detector where no instrument sees the burst, once for each set of channels.

    Parameters
    ----------
    found
        By instrument, the reference first: its background intervals are used, less what another
        instrument takes for the burst (soft tails last longer) and less the intervals that
        spectra are asked for. An instrument with given intervals of its own keeps to them.
    """
    free = _free_intervals(configuration, found)
    given = {
        each.curve.instrument: _intervals(each)
        for each in found
        if configuration.of(each.curve.instrument).background.mode == "intervals"
    }
    fits: list[BackgroundFit] = []
    present: list[EventList | History] = [*observation.events, *observation.histories]
    for data in present:
        wanted = is_wanted(data.instrument, (data.detector,), configuration.detectors)
        if not wanted or background_of(fits, data) is not None:
            continue
        own = configuration.of(data.instrument)
        known = given_backgrounds(observation, own.background)
        if known is not None:
            fit = background_of(known, data)
        else:
            fit = _fit(data, own, given.get(data.instrument, free))
        if fit is not None:
            fits.append(fit)
    return tuple(fits)


def _fit(
    data: EventList | History, configuration: TaskConfiguration, free_s: Floats
) -> BackgroundFit | None:
    history = _events_by_channel(data) if isinstance(data, EventList) else data
    if history is None:
        return None
    good = history.exposure_s > 0
    if not good.any():
        return None
    start, stop = history.start_s[good], history.stop_s[good]
    intervals = intersection(free_s, union([(start[0], stop[-1])]))
    if len(intervals) == 0:
        return None
    return fit_background(
        data.instrument,
        data.detector,
        start,
        stop,
        history.counts[good],
        history.exposure_s[good],
        intervals,
        order=configuration.background.order,
    )


def _free_intervals(configuration: TaskConfiguration, found: Sequence[FoundBurst]) -> Floats:
    free = _intervals(found[0])
    if configuration.background.mode == "intervals" or len(free) == 0:
        return free
    low, high = float(free[0, 0]), float(free[-1, 1])
    asked = [each for each in configuration.spectral.intervals if not isinstance(each, str)]
    others = [_intervals(each) for each in found[1:]]
    for allowed in (*others, outside(union(asked), low, high)):
        narrower = intersection(free, allowed)
        if total_length(narrower) >= _LEAST_SHARE * total_length(free):
            free = narrower
    return free


def _intervals(reference: FoundBurst) -> Floats:
    """Return the reference's background intervals, or what lies outside its T100."""
    if reference.finding.background is not None:
        return reference.finding.background.intervals_s
    low, high = float(reference.curve.start_s[0]), float(reference.curve.stop_s[-1])
    if reference.t100_s is None:
        return union([(low, high)])
    start, stop = reference.t100_s
    return outside(union([(start - _PAD_S, stop + _PAD_S)]), low, high)


def _events_by_channel(events: EventList) -> History | None:
    """Bin events in time and channel; None: they are too few, or without channels."""
    if len(events.time_s) == 0 or len(events.gti_s) == 0:
        return None
    good = events.gti_s
    bin_s = max(0.064, 2.0 ** np.ceil(np.log2((good[-1, 1] - good[0, 0]) / _BINS)))
    edges = whole_frames([events], good[0, 0], good[-1, 1], bin_s)
    return history_of(events, edges[:-1], edges[1:]) if len(edges) > 1 else None
