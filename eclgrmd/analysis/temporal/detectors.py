"""The background of every detector in all its channels, for the subtraction from spectra."""

from collections.abc import Callable, Sequence

import numpy as np

from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.intervals import intersection, outside, total_length, union
from eclgrmd.model.observation import EventList, Floats, History, Observation

from .background.file_models import file_backgrounds
from .background.fit import fit_background
from .background.physics.templates import templates_of
from .background.spline import BackgroundFit, background_of
from .curve.bins import whole_frames
from .curve.chosen import is_wanted
from .curve.curves import history_of
from .search.find import FoundBurst

__all__ = ["DetectorFit", "detector_backgrounds", "events_by_channel", "fit_detector"]

DetectorFit = Callable[
    [Observation, EventList | History, TaskConfiguration, Floats], BackgroundFit | None
]
"""Fits the background of one detector (see `fit_detector`), perhaps by recalling it."""

_BINS = 400
"""Largest number of time bins that events are binned in before the fit; a choice."""
_PAD_S = 1.0
"""Distance, seconds, that background intervals keep from T100 where no fit exists; a choice."""
_LEAST_SHARE = 0.25
"""Fraction of the reference's background time that must remain after a restriction; a choice."""


def detector_backgrounds(
    observation: Observation,
    configuration: TaskConfiguration,
    found: Sequence[FoundBurst],
    fit_one: DetectorFit | None = None,
) -> tuple[BackgroundFit, ...]:
    """Fit the background of every detector, once for each set of channels.

    The fit uses the times in which no instrument detects the burst. Backgrounds that came as files
    replace the fit if the configuration says so.

    Parameters
    ----------
    observation, configuration
        The data, and the task configuration.
    found
        The burst in the light curve of each instrument, the reference first. The reference's
        background intervals are used, without times in which another instrument detects the burst
        (soft tails last longer) and without explicit intervals of spectra. An instrument with
        configured background intervals uses those.
    fit_one
        Fits one detector; None: `fit_detector`.

    Returns
    -------
    tuple of BackgroundFit
        Detectors without data in the intervals are missing.
    """
    fit_one = fit_one or fit_detector
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
        known = file_backgrounds(observation, own.background)
        if known is not None:
            fit = background_of(known, data)
        else:
            fit = fit_one(observation, data, own, given.get(data.instrument, free))
        if fit is not None:
            fits.append(fit)
    return tuple(fits)


def fit_detector(
    observation: Observation,
    data: EventList | History,
    configuration: TaskConfiguration,
    free_s: Floats,
    binned: Callable[[EventList], History | None] | None = None,
) -> BackgroundFit | None:
    """Fit the background of one detector in all its channels.

    Parameters
    ----------
    observation
        Where templates come from.
    data
        The data of the detector.
    configuration
        The configuration for its instrument.
    free_s
        Background intervals, seconds after t0, shape (k, 2).
    binned
        Bins events; None: `events_by_channel`.

    Returns
    -------
    BackgroundFit | None
        None: there are no data in the intervals.
    """
    binned = binned or events_by_channel
    history = binned(data) if isinstance(data, EventList) else data
    if history is None:
        return None
    good = history.exposure_s > 0
    if not good.any():
        return None
    start, stop = history.start_s[good], history.stop_s[good]
    intervals = intersection(free_s, union([(start[0], stop[-1])]))
    if len(intervals) == 0:
        return None
    span_s = float(intervals[0, 0]), float(intervals[-1, 1])
    templates, _ = templates_of(
        observation, configuration.background, data.instrument, (data.detector,), span_s
    )
    return fit_background(
        data.instrument,
        data.detector,
        start,
        stop,
        history.counts[good],
        history.exposure_s[good],
        intervals,
        order=configuration.background.order,
        templates=templates,
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
    """Return the background intervals of a light curve, or the times outside its T100."""
    if reference.finding.background is not None:
        return reference.finding.background.intervals_s
    low, high = float(reference.curve.start_s[0]), float(reference.curve.stop_s[-1])
    if reference.t100_s is None:
        return union([(low, high)])
    start, stop = reference.t100_s
    return outside(union([(start - _PAD_S, stop + _PAD_S)]), low, high)


def events_by_channel(events: EventList) -> History | None:
    """Return events binned in time and channel, or None if there are none or no channels."""
    if len(events.time_s) == 0 or len(events.gti_s) == 0:
        return None
    good = events.gti_s
    bin_s = max(0.064, 2.0 ** np.ceil(np.log2((good[-1, 1] - good[0, 0]) / _BINS)))
    edges = whole_frames([events], good[0, 0], good[-1, 1], bin_s)
    return history_of(events, edges[:-1], edges[1:]) if len(edges) > 1 else None
