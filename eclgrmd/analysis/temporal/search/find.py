"""Search for the burst in the light curve of each instrument."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from eclgrmd.analysis.temporal.background.file_models import file_background
from eclgrmd.analysis.temporal.background.physics.templates import templates_of
from eclgrmd.analysis.temporal.background.spline import BackgroundFit
from eclgrmd.analysis.temporal.background.template import Template
from eclgrmd.analysis.temporal.curve.bands import DEFAULT_BANDS_KEV
from eclgrmd.analysis.temporal.curve.bins import frame_of, part_of
from eclgrmd.analysis.temporal.curve.chosen import Chosen, choose
from eclgrmd.analysis.temporal.curve.curves import (
    add_curves,
    bin_events,
    curve_from_histories,
    curve_of_light_curves,
)
from eclgrmd.analysis.temporal.curve.joint import choose_for, joint_choice
from eclgrmd.analysis.temporal.curve.satellite import SatelliteState, satellite_state_of
from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval, bins_inside, union
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, Floats, LightCurve, Observation

from .directions import OtherSource, other_sources
from .edges import edges_of, finer_edges, finer_in_window, part_near_trigger
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


def _nowhere() -> Floats:
    return union([])


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
    left_out_s: Floats = field(default_factory=_nowhere)
    """Times of other sources, which were not searched, seconds after t0, shape (k, 2)."""

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
    left_out_s = union([span for each in found for span in each.left_out_s])
    return FoundBursts(tuple(found), _find_combined(observation, configuration, left_out_s))


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
    """Search the light curve of one instrument, without the times of other sources."""
    chosen = choose(observation, instrument, configuration.detectors, maker)
    search = _Search(observation, configuration)
    found = _find_chosen(search, chosen, segment)
    while configuration.duration.other_sources == "leave_out":
        sources = _other_sources(observation, found)
        if not sources:
            break
        search = search.without(sources)
        found = _find_chosen(search, chosen, segment)
    return found


def _other_sources(observation: Observation, found: FoundBurst) -> tuple[OtherSource, ...]:
    """Return the episodes that other sources than the burst cause."""
    curve = found.curve
    data = choose_for(observation, curve)
    edges_s = np.unique(np.concatenate([curve.start_s, curve.stop_s]))
    detectors = (
        *(bin_events([each], edges_s, curve.asked_kev) for each in data.events),
        *(curve_from_histories([each], curve.asked_kev) for each in data.histories),
        *(curve_of_light_curves([each], curve.asked_kev) for each in data.curves),
    )
    return other_sources(curve, found.finding, detectors, found.satellite.slews_s)


def _find_chosen(search: "_Search", chosen: Chosen, segment: ChangePoints) -> FoundBurst:
    """Search the light curve of the chosen data of one instrument."""
    own_flags = chosen.flags
    instrument, maker = chosen.origin
    if maker:
        own_flags = (*own_flags, Flag(FlagCode.UNKNOWN_INSTRUMENT, detail=maker))
    events = list(chosen.events)
    duration = search.configuration.duration
    band = duration.band_kev or DEFAULT_BANDS_KEV.get(instrument)
    if events:

        def binned(edges_s: Floats) -> LightCurve:
            curve = bin_events(events, edges_s, band)
            return replace(curve, flags=(*curve.flags, *own_flags))

        def changes(window_s: Interval) -> Floats:
            return segment(events, window_s, band, duration.false_alarm)

        found = search.of_events(events, binned, changes)
    else:
        curve = (
            curve_from_histories(chosen.histories, band)
            if chosen.histories
            else curve_of_light_curves(chosen.curves, band)
        )
        curve = replace(curve, flags=(*curve.flags, *own_flags))
        found = search.of_curve(_checked(part_near_trigger(curve, search.configuration)))
    return _with_other_bins(search, chosen, found)


def _with_other_bins(search: "_Search", chosen: Chosen, found: FoundBurst) -> FoundBurst:
    """Repeat the search with detectors of other time bins added, if their bins are fine enough.

    The repeated search is used only if the burst is more significant in it.
    """
    if found.t100_s is None or search.configuration.duration.bin_s is not None:
        return found
    joint = joint_choice(search.observation, chosen, found.curve, found.t100_s)
    if joint is None:
        return found
    try:
        again = search.of_curve(_joint_curve(joint, chosen, found, search.configuration))
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
    return _checked(part_near_trigger(replace(curve, flags=tuple(flags)), configuration))


def _find_combined(
    observation: Observation, configuration: TaskConfiguration, left_out_s: Floats
) -> FoundBurst | None:
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
        return _Search(observation, configuration, left_out_s).of_events(both, binned)
    except InputError:  # the two have too little time, or nothing of the band, in common
        return None


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """The search in the data of one burst, without the times of other sources."""

    observation: Observation
    configuration: TaskConfiguration
    left_out_s: Floats = field(default_factory=_nowhere)
    """Times of other sources, shape (k, 2)."""
    flags: tuple[Flag, ...] = ()
    """A flag for each other source."""

    def without(self, sources: Sequence[OtherSource]) -> Self:
        """Return a search that leaves further sources out."""
        return replace(
            self,
            left_out_s=union([*self.left_out_s, *(each.time_s for each in sources)]),
            flags=(*self.flags, *(each.flag for each in sources)),
        )

    def of_curve(self, curve: LightCurve) -> FoundBurst:
        """Search a light curve."""
        templates, flags = _templates(self.observation, curve, self.configuration)
        if flags or self.flags:
            curve = replace(curve, flags=tuple(dict.fromkeys((*curve.flags, *flags, *self.flags))))
        satellite = satellite_state_of(self.observation, curve.instrument)
        given = file_background(self.observation, self.configuration.background, curve)
        if len(self.left_out_s):
            curve = _checked(_without(curve, self.left_out_s))
            satellite = satellite.without(self.left_out_s)
        found = find_in(curve, self.configuration, satellite, given, templates)
        return replace(found, left_out_s=self.left_out_s)

    def of_events(
        self,
        lists: list[EventList],
        binned: Callable[[Floats], LightCurve],
        changes: Callable[[Interval], Floats] | None = None,
    ) -> FoundBurst:
        """Search in 64 ms bins, and again in finer bins adapted to the burst.

        In the second search the bin edges nearest to the change points of the events (`changes`)
        are moved to them, so that blocks of bins end where blocks of events would.
        """
        duration = self.configuration.duration
        finest_s = max(_FINEST_S, frame_of(lists))
        edges = edges_of(lists, duration.bin_s or _BIN_S, self.configuration)
        first = finer_in_window(edges, duration, finest_s)
        found = self.of_curve(_checked(binned(first)))
        if duration.bin_s is not None or found.t100_s is None:
            return found
        finer = finer_edges(edges, found.t100_s, finest_s)
        if changes is not None and not frame_of(lists):
            width = found.t100_s[1] - found.t100_s[0]
            points = changes((found.t100_s[0] - width, found.t100_s[1] + width))
            finer = snapped(finer, points)
        if not np.array_equal(finer, first):
            again = self.of_curve(binned(finer))
            found = found if again.t100_s is None else again
        return replace(found, curve=replace(found.curve, resolution_s=frame_of(lists)))


def _without(curve: LightCurve, left_out_s: Floats) -> LightCurve:
    """Return the bins of a light curve that do not touch the intervals."""
    kept = np.ones(len(curve.counts), dtype=bool)
    for low, high in left_out_s:
        kept &= (curve.stop_s <= low) | (curve.start_s >= high)
    return part_of(curve, kept)


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


def _checked(curve: LightCurve) -> LightCurve:
    if len(curve.counts) < 3:
        raise InputError(
            f"{curve.instrument}: {len(curve.counts)} time bins with exposure, at least 3 are "
            "needed to measure a duration"
        )
    return replace(curve, flags=tuple(dict.fromkeys(curve.flags)))
