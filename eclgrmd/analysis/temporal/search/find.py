"""Search for the burst in the light curve of each instrument."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eclgrmd.analysis.temporal.background.file_models import file_background
from eclgrmd.analysis.temporal.background.physics.templates import templates_of
from eclgrmd.analysis.temporal.background.spline import BackgroundFit
from eclgrmd.analysis.temporal.background.template import Template
from eclgrmd.analysis.temporal.curve.bands import DEFAULT_BANDS_KEV
from eclgrmd.analysis.temporal.curve.bins import frame_of, part_of, whole_frames
from eclgrmd.analysis.temporal.curve.chosen import Chosen, choose
from eclgrmd.analysis.temporal.curve.curves import (
    add_curves,
    bin_events,
    curve_from_histories,
    curve_of_light_curves,
)
from eclgrmd.analysis.temporal.curve.joint import joint_choice
from eclgrmd.analysis.temporal.curve.satellite import SatelliteState, satellite_state_of
from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval, bins_inside, union
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, Floats, LightCurve, Observation
from eclgrmd.model.window import NEAR_S

from .event_edges import change_points, snapped
from .rounds import Finding, find_burst, significance_of

__all__ = ["ChangePoints", "FoundBurst", "FoundBursts", "find_bursts", "find_in"]

ChangePoints = Callable[[Sequence[EventList], Interval, Interval | None, float], Floats]
"""Returns change points as `event_edges.change_points` does."""

_UNKNOWN = SatelliteState()
_BIN_S = 0.064
"""Bin width of the first search, seconds: the 64 ms of BATSE and GBM light curves."""
_FINEST_S = 0.001
"""Smallest bin width of the second search, seconds; a choice."""
_BINS_PER_BURST = 150
"""Number of bins in T100 that the second search aims at; a choice."""
_LEAST_BINS = 16
"""Number of bins of the first search that a configured window should have; a choice."""
_MAXIMUM_BINS = 100_000
"""Largest number of bins; longer data get wider bins. It bounds time and memory; a choice."""
_BEFORE_S, _AFTER_S = NEAR_S


@dataclass(frozen=True, slots=True, eq=False)
class FoundBurst:
    """The result of the search of one light curve."""

    curve: LightCurve
    """The light curve that was searched, in its final bins."""
    finding: Finding
    """Background, blocks and extent of the burst."""
    satellite: SatelliteState
    """State of the satellite during the light curve."""
    window_s: Interval
    """Searched time, seconds after t0."""
    significance: float | None
    """Significance over T100, sigma (Vianello 2018); None if nothing is significant."""

    @property
    def t100_s(self) -> Interval | None:
        """Extent of the burst, seconds after t0; None if nothing is significant."""
        return self.finding.t100_s


@dataclass(frozen=True, slots=True, eq=False)
class FoundBursts:
    """The results of the search of all light curves."""

    instruments: tuple[FoundBurst, ...] = ()
    """One result per instrument, the most significant first."""
    combined: FoundBurst | None = None
    """Result for ECLAIRs and GRM together; None if not requested or if one is missing."""


def find_bursts(
    observation: Observation,
    configuration: TaskConfiguration,
    segment: ChangePoints = change_points,
) -> FoundBursts:
    """Search the light curve of each instrument, and of ECLAIRs and GRM together.

    Every instrument is searched in the configured band, or in its own (`DEFAULT_BANDS_KEV`).

    Parameters
    ----------
    observation, configuration
        The data, and the task configuration.
    segment
        Finds the change points of events, which do not depend on the background; a caller that
        searches the same events often may keep them.

    Raises
    ------
    InputError
        If there are no events, histories or light curves of the wanted detectors, or none in the
        band.
    """
    found = [
        _find_instrument(observation, configuration.of(instrument), instrument, maker, segment)
        for instrument, maker in _instruments(observation, configuration)
    ]
    if not found:
        raise InputError(
            "nothing to measure durations with: the observation holds no events, histories or "
            "light curves of the wanted detectors"
        )
    found.sort(key=lambda f: -np.inf if f.significance is None else f.significance, reverse=True)
    return FoundBursts(tuple(found), _find_combined(observation, configuration))


def find_in(
    curve: LightCurve,
    configuration: TaskConfiguration,
    satellite: SatelliteState = _UNKNOWN,
    given: BackgroundFit | None = None,
    templates: tuple[Template, ...] = (),
) -> FoundBurst:
    """Search one light curve for the burst.

    Parameters
    ----------
    curve
        Bins with positive exposure; Poisson counts, or Gaussian ones if `error` is set.
    configuration
        Window, background and false-alarm probability.
    satellite
        State of the satellite.
    given
        A known background; None to fit it.
    templates
        Known functions of time that the background may contain.
    """
    window = _checked_window(curve, configuration)
    finding = find_burst(
        curve,
        configuration.background,
        window,
        configuration.duration.false_alarm,
        satellite.unsteady_s,
        given,
        templates,
    )
    return FoundBurst(curve, finding, satellite, window, significance_of(curve, finding))


def _checked_window(curve: LightCurve, configuration: TaskConfiguration) -> Interval:
    """Return the time to search, which contains a bin unless it is beside the data."""
    low, high = _window(curve, configuration)
    near = (curve.stop_s > low) & (curve.start_s < high)
    whole = bins_inside(curve.start_s, curve.stop_s, union([(low, high)]))
    if near.any() and not whole.any():
        width = float((curve.stop_s - curve.start_s)[near].max())
        raise InputError(
            f"{curve.instrument}: no time bin lies completely in the searched window, "
            f"{low:g} to {high:g} s (the bins there are {width:.4g} s wide): widen "
            "duration.t_min_s and duration.t_max_s, or the time between the background intervals"
        )
    return low, high


def _window(curve: LightCurve, configuration: TaskConfiguration) -> Interval:
    """Return the time to search, seconds: between the configured background intervals if any."""
    duration, background = configuration.duration, configuration.background
    low = float(curve.start_s[0]) if duration.t_min_s is None else duration.t_min_s
    high = float(curve.stop_s[-1]) if duration.t_max_s is None else duration.t_max_s
    if background.mode == "intervals":
        free = union(background.intervals_s)
        between = max(low, float(free[0, 1])), min(high, float(free[-1, 0]))
        if between[0] < between[1]:
            return between
    return low, high


def _instruments(
    observation: Observation, configuration: TaskConfiguration
) -> list[tuple[Instrument, str]]:
    """Return the instruments with data, each with the maker if the instrument is unknown."""
    present = [
        *((data.instrument, data.maker) for data in observation.events),
        *((data.instrument, data.maker) for data in observation.histories),
        *((data.instrument, data.maker) for data in observation.light_curves),
    ]
    return [
        (instrument, maker)
        for instrument, maker in dict.fromkeys(present)
        if choose(observation, instrument, configuration.detectors, maker)
    ]


def _find_instrument(
    observation: Observation,
    configuration: TaskConfiguration,
    instrument: Instrument,
    maker: str,
    segment: ChangePoints,
) -> FoundBurst:
    chosen = choose(observation, instrument, configuration.detectors, maker)
    own_flags = chosen.flags
    if maker:
        own_flags = (*own_flags, Flag(FlagCode.UNKNOWN_INSTRUMENT, detail=maker))
    events = list(chosen.events)
    band = configuration.duration.band_kev or DEFAULT_BANDS_KEV.get(instrument)
    if events:

        def binned(edges_s: Floats) -> LightCurve:
            curve = bin_events(events, edges_s, band)
            return replace(curve, flags=(*curve.flags, *own_flags))

        def changes(window_s: Interval) -> Floats:
            return segment(events, window_s, band, configuration.duration.false_alarm)

        found = _find_in_events(observation, events, configuration, binned, changes)
    else:
        curve = (
            curve_from_histories(chosen.histories, band)
            if chosen.histories
            else curve_of_light_curves(chosen.curves, band)
        )
        curve = replace(curve, flags=(*curve.flags, *own_flags))
        found = _searched(
            observation, _checked(_part_near_trigger(curve, configuration)), configuration
        )
    return _with_other_bins(observation, configuration, chosen, found)


def _with_other_bins(
    observation: Observation, configuration: TaskConfiguration, chosen: Chosen, found: FoundBurst
) -> FoundBurst:
    """Repeat the search with detectors of other time bins added, if their bins are fine enough.

    The repeated search is used only if the burst is more significant in it.
    """
    if found.t100_s is None or configuration.duration.bin_s is not None:
        return found
    joint = joint_choice(observation, chosen, found.curve, found.t100_s)
    if joint is None:
        return found
    try:
        again = _searched(
            observation, _joint_curve(joint, chosen, found, configuration), configuration
        )
    except InputError:  # a detector has nothing of the band, or no background in the given file
        return found
    better = (again.significance or 0.0) > (found.significance or 0.0)
    return again if again.t100_s is not None and better else found


def _joint_curve(
    joint: Chosen, chosen: Chosen, found: FoundBurst, configuration: TaskConfiguration
) -> LightCurve:
    """Return the light curve of a joint choice, with a flag that names the common bins."""
    band = configuration.duration.band_kev or DEFAULT_BANDS_KEV.get(found.curve.instrument)
    curve = curve_from_histories(joint.histories, band)
    start_s, stop_s = found.t100_s or found.window_s
    inside = (curve.stop_s > start_s) & (curve.start_s < stop_s)
    bin_s = float((curve.stop_s - curve.start_s)[inside].max(initial=0.0))
    names = ", ".join(name for name in curve.detectors if name in chosen.reasons)
    about = [flag for flag in found.curve.flags if flag not in chosen.flags]
    summed = Flag(FlagCode.COMMON_BINS, subject=names, detail=f"{bin_s:.3g}")
    flags = dict.fromkeys((*curve.flags, *about, *joint.flags, summed))
    return _checked(_part_near_trigger(replace(curve, flags=tuple(flags)), configuration))


def _find_combined(observation: Observation, configuration: TaskConfiguration) -> FoundBurst | None:
    """Search the summed counts of ECLAIRs and GRM, each in its own band.

    Returns None if not requested, or if the two instruments cannot be summed. Counts are added
    without weights, so the instrument with the larger effective area dominates.
    """
    lists = {
        instrument: list(choose(observation, instrument, configuration.detectors).events)
        for instrument in (Instrument.ECLAIRS, Instrument.GRM)
    }
    fitted = configuration.background.mode != "file"
    if not (configuration.duration.combined and fitted and all(lists.values())):
        return None

    def binned(edges_s: Floats) -> LightCurve:
        curves = []
        for instrument, events in lists.items():
            band = configuration.of(instrument).duration.band_kev or DEFAULT_BANDS_KEV[instrument]
            curves.append(bin_events(events, edges_s, band))
        return add_curves(Instrument.ECLGRM, curves)

    both = [each for events in lists.values() for each in events]
    try:
        return _find_in_events(observation, both, configuration, binned)
    except InputError:  # the two have too little time, or nothing of the band, in common
        return None


def _searched(
    observation: Observation, curve: LightCurve, configuration: TaskConfiguration
) -> FoundBurst:
    templates, flags = _templates(observation, curve, configuration)
    return find_in(
        replace(curve, flags=(*curve.flags, *flags)) if flags else curve,
        configuration,
        satellite_state_of(observation, curve.instrument),
        file_background(observation, configuration.background, curve),
        templates,
    )


def _templates(
    observation: Observation, curve: LightCurve, configuration: TaskConfiguration
) -> tuple[tuple[Template, ...], tuple[Flag, ...]]:
    """Return the templates of a light curve's background, and flags about missing ones."""
    if curve.background_subtracted:
        return (), ()
    span_s = float(curve.start_s[0]), float(curve.stop_s[-1])
    choice = configuration.background
    band_kev = curve.asked_kev or curve.band_kev
    return templates_of(observation, choice, curve.instrument, curve.detectors, span_s, band_kev)


def _find_in_events(
    observation: Observation,
    lists: list[EventList],
    configuration: TaskConfiguration,
    binned: Callable[[Floats], LightCurve],
    changes: Callable[[Interval], Floats] | None = None,
) -> FoundBurst:
    """Search in 64 ms bins, and again in finer bins adapted to the burst.

    In the second search the bin edges nearest to the change points of the events (`changes`) are
    moved to them, so that blocks of bins end where blocks of events would.
    """
    finest_s = max(_FINEST_S, frame_of(lists))
    edges = _edges(lists, configuration.duration.bin_s or _BIN_S, configuration)
    first = _finer_in_window(edges, configuration.duration, finest_s)
    found = _searched(observation, _checked(binned(first)), configuration)
    if configuration.duration.bin_s is not None or found.t100_s is None:
        return found
    finer = _finer_edges(edges, found.t100_s, finest_s)
    if changes is not None and not frame_of(lists):
        width = found.t100_s[1] - found.t100_s[0]
        points = changes((found.t100_s[0] - width, found.t100_s[1] + width))
        finer = snapped(finer, points)
    if not np.array_equal(finer, first):
        again = _searched(observation, binned(finer), configuration)
        found = found if again.t100_s is None else again
    return replace(found, curve=replace(found.curve, resolution_s=frame_of(lists)))


def _domain(start_s: float, stop_s: float, configuration: TaskConfiguration) -> Interval:
    """Return the part of the data to search: 500 s before to 1000 s after t0, or more.

    It is extended around a configured window. No single fit describes the background over hours of
    an orbit, and the trigger time shows where to look.
    """
    duration = configuration.duration
    low = _BEFORE_S if duration.t_min_s is None else min(_BEFORE_S, duration.t_min_s + _BEFORE_S)
    high = _AFTER_S if duration.t_max_s is None else max(_AFTER_S, duration.t_max_s - _BEFORE_S)
    if start_s > high or stop_s < low:
        return start_s, stop_s
    return max(start_s, low), min(stop_s, high)


def _part_near_trigger(curve: LightCurve, configuration: TaskConfiguration) -> LightCurve:
    if len(curve.counts) == 0:
        return curve
    low, high = _domain(float(curve.start_s[0]), float(curve.stop_s[-1]), configuration)
    near = (curve.stop_s > low) & (curve.start_s < high)
    return part_of(curve, near)


def _edges(lists: list[EventList], bin_s: float, configuration: TaskConfiguration) -> Floats:
    start, stop = _domain(
        max(float(events.gti_s[0, 0]) for events in lists),
        min(float(events.gti_s[-1, 1]) for events in lists),
        configuration,
    )
    if stop - start > _MAXIMUM_BINS * bin_s:
        bin_s *= float(np.ceil((stop - start) / (_MAXIMUM_BINS * bin_s)))
    if frame := frame_of(lists):
        # a power of two, so that a bin can be halved into whole frames
        bin_s = frame * 2.0 ** max(0.0, np.ceil(np.log2(bin_s / frame) - 1e-6))
    return whole_frames(lists, start, stop, bin_s)


def _finer_in_window(edges_s: Floats, duration: DurationChoice, finest_s: float) -> Floats:
    """Return edges with the bins in and near a configured window split if few would fit into it."""
    if duration.t_min_s is None or duration.t_max_s is None or duration.bin_s is not None:
        return edges_s
    window_s = (duration.t_min_s, duration.t_max_s)
    few = window_s[1] - window_s[0] < _LEAST_BINS * float(edges_s[1] - edges_s[0])
    return _finer_edges(edges_s, window_s, finest_s) if few else edges_s


def _finer_edges(edges_s: Floats, t100_s: Interval, finest_s: float) -> Floats:
    """Return edges with the bins in and near a short burst split by a power of two.

    No bin becomes shorter than `finest_s`.
    """
    width = t100_s[1] - t100_s[0]
    bin_s = float(edges_s[1] - edges_s[0])
    wanted = max(finest_s, width / _BINS_PER_BURST)
    split = 2 ** int(np.floor(np.log2(max(1.0, bin_s / wanted)) + 1e-6))
    if split == 1:
        return edges_s
    low, high = t100_s[0] - width - bin_s, t100_s[1] + width + bin_s
    inside = (edges_s[:-1] >= low) & (edges_s[1:] <= high)
    steps = np.arange(split) * (bin_s / split)
    fine = (edges_s[:-1][inside][:, None] + steps).ravel()
    return np.unique(np.concatenate([edges_s, fine]))


def _checked(curve: LightCurve) -> LightCurve:
    if len(curve.counts) < 3:
        raise InputError(
            f"{curve.instrument}: {len(curve.counts)} time bins with exposure, at least 3 are "
            "needed to measure a duration"
        )
    return replace(curve, flags=tuple(dict.fromkeys(curve.flags)))
