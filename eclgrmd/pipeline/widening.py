"""The search for a burst that is not, or not completely, near the trigger."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.analysis.temporal.search.find import FoundBurst, find_bursts
from eclgrmd.analysis.temporal.search.orbit import needs_no_burst
from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import TRUNCATED, Flag, FlagCode, has_flag
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.model.window import NEAR_S

from .reading import SERIES, read_files

__all__ = ["Widened", "may_widen", "searching", "widened", "with_searched"]

_STEP = 4.0
"""Factor by which the window grows from one search to the next."""
_MOST_SHARE = 1.0 / 3.0
"""Largest share of a window that a burst may fill: the rest is needed for the background."""
_EVER_S = 1e9
"""Longer than any data, seconds: 30 years."""
_LARGEST_BYTES = 500_000_000
"""Largest size of files that are read as a whole: events take several times that in memory."""


@dataclass(frozen=True, slots=True)
class Widened:
    """The result of a search beyond the window near the trigger."""

    window_s: Interval
    """The window with the burst, or else the last one that was searched, seconds from t0."""
    found: bool
    """Whether a burst was found in that window."""
    flags: tuple[Flag, ...] = ()
    """Flags for the result."""

    @property
    def text(self) -> str:
        """The window as text."""
        return f"{_text(self.window_s)} s"

    def configuration(self, choice: TaskConfiguration) -> TaskConfiguration:
        """Return a configuration that searches the window."""
        return searching(choice, self.window_s)


def widened(request: PipelineRequest, durations: Sequence[DurationMeasurement]) -> Widened | None:
    """Search all data if the search near the trigger found no burst, or only a part of one.

    The window grows by factors of four, so that the burst is found in the smallest window that
    contains it. An excess over a background that is poorly fitted is not accepted as a burst:
    over hours of an orbit the background rises and falls.

    Parameters
    ----------
    request
        Files and configuration.
    durations
        The durations measured near the trigger, that of the reference instrument first.

    Returns
    -------
    Widened or None
        None if the burst was found near the trigger, if the configuration sets the window, or if
        there are no data beyond it.
    """
    choice = request.configuration
    if not may_widen(choice, durations):
        return None
    size = sum(Path(file.path).stat().st_size for file in request.files if file.kind in SERIES)
    if size > _LARGEST_BYTES:
        flag = Flag(
            FlagCode.NOT_SEARCHED,
            subject=_text(NEAR_S),
            detail=f"{size:.2g} bytes are too many",
        )
        return Widened(NEAR_S, found=False, flags=(flag,))
    everything = replace(request, configuration=searching(choice, (-_EVER_S, _EVER_S)))
    observation = read_files(everything)
    span = _span(observation)
    if span is None or (span[0] >= NEAR_S[0] and span[1] <= NEAR_S[1]):
        return None
    window = NEAR_S
    for window in _windows(span):
        if _holds_burst(observation, searching(choice, window), last=window == span):
            flag = Flag(FlagCode.SEARCH_WIDENED, detail=_text(window))
            return Widened(window, found=True, flags=(flag,))
    return Widened(window, found=False)


def may_widen(choice: TaskConfiguration, durations: Sequence[DurationMeasurement]) -> bool:
    """Return whether the search goes on in all data after these durations were measured."""
    return bool(durations) and not (_is_complete(durations[0]) or _is_given(choice))


def searching(choice: TaskConfiguration, window_s: Interval) -> TaskConfiguration:
    """Return a configuration that searches a window, seconds from t0."""
    low, high = window_s
    return replace(choice, duration=replace(choice.duration, t_min_s=low, t_max_s=high))


def with_searched(analysis: BurstAnalysis, window_s: Interval) -> BurstAnalysis:
    """Return an analysis whose durations record that a wider window was searched."""
    temporal = analysis.temporal
    if temporal is None:
        return analysis
    durations = tuple(replace(d, searched_s=window_s) for d in temporal.durations)
    return dataclasses.replace(
        analysis, temporal=dataclasses.replace(temporal, durations=durations)
    )


def _is_complete(reference: DurationMeasurement) -> bool:
    """Return whether a burst was found that does not reach the edge of the window."""
    cut = has_flag(reference.flags, *TRUNCATED)
    return reference.t100_s is not None and not cut


def _is_given(choice: TaskConfiguration) -> bool:
    """Return whether the configuration sets the window of the burst, or the background."""
    every = [choice, *(choice.of(instrument) for instrument in Instrument)]
    return any(
        each.duration.t_min_s is not None
        or each.duration.t_max_s is not None
        or each.background.mode != "automatic"
        for each in every
    )


def _windows(span_s: Interval) -> Iterator[Interval]:
    factor = 1.0
    window = NEAR_S
    while window[0] > span_s[0] or window[1] < span_s[1]:
        factor *= _STEP
        window = (factor * NEAR_S[0], factor * NEAR_S[1])
        yield max(window[0], span_s[0]), min(window[1], span_s[1])


def _span(observation: Observation) -> Interval | None:
    ends = [
        (float(e.gti_s[0, 0]), float(e.gti_s[-1, 1])) for e in observation.events if len(e.gti_s)
    ]
    bins = [(h.start_s, h.stop_s) for h in observation.histories]
    bins += [(c.start_s, c.stop_s) for c in observation.light_curves]
    ends += [(float(start[0]), float(stop[-1])) for start, stop in bins if len(start)]
    return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None


def _holds_burst(observation: Observation, choice: TaskConfiguration, *, last: bool) -> bool:
    try:
        reference = find_bursts(observation, choice).instruments[0]
    except InputError:  # too few bins in this window
        return False
    if reference.t100_s is None or _is_of_background(reference):
        return False
    low, high = float(reference.curve.start_s[0]), float(reference.curve.stop_s[-1])
    start, stop = reference.t100_s
    return last or (start > low and stop < high and stop - start < _MOST_SHARE * (high - low))


def _is_of_background(found: FoundBurst) -> bool:
    """Return whether the excess may be a background that rises and falls.

    That is so if the fit to the data beside the burst is poor, or if a smooth background fits all
    data, so that no burst is needed.
    """
    fit = found.finding.background
    poor = fit is not None and has_flag(fit.flags, FlagCode.POOR_BACKGROUND)
    return poor or needs_no_burst(found.curve)


def _text(window_s: Interval) -> str:
    return "{:.6g} to {:.6g}".format(*window_s)
