"""Previews of re-runs: the steps of a quick analysis, kept in the memory of this process.

A re-run with the same configuration gives the same results, bit for bit. A preview that might not
is not made: its answer says why a re-run is needed.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from eclgrmd.analysis.burst import analyse
from eclgrmd.analysis.temporal.background.spline import BackgroundFit
from eclgrmd.analysis.temporal.detectors import (
    DetectorFit,
    detector_backgrounds,
    events_by_channel,
    fit_detector,
)
from eclgrmd.analysis.temporal.search.event_edges import change_points
from eclgrmd.analysis.temporal.search.find import ChangePoints, FoundBursts, find_bursts
from eclgrmd.formats import of_detectors
from eclgrmd.model.configuration.layers import canonical_sha256
from eclgrmd.model.configuration.sections import BackgroundChoice, TaskConfiguration
from eclgrmd.model.configuration.steps import STEPS, StepName, projected, step_key
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, Floats, History, Observation
from eclgrmd.model.rest.preview import PreviewFindings
from eclgrmd.model.result import Duration, SpectrumFits
from eclgrmd.model.window import reading_window
from eclgrmd.products.result import published

from .memory import StoredSteps, stored_result
from .widening import may_widen

__all__ = ["PreviewSession", "session_of"]

T = TypeVar("T")
_MOST_KEPT = 100
"""Outcomes of steps that are kept: a dozen changes can be undone without computing again."""


class PreviewSession:
    """The data of one task, and the outcomes of the steps of its last previews.

    Parameters
    ----------
    steps
        File with the data and the outcomes of the task's steps, beside which its result is.

    Raises
    ------
    PermanentError
        If the result cannot be read, or lacks the data.
    """

    def __init__(self, steps: Path) -> None:
        result = stored_result(steps)
        stored = StoredSteps(steps, result.process.steps)
        self._observation = stored.observation()
        self._was_widened = stored.window_s is not None
        self._made_with = result.configuration
        self._analysis = result.process.analysis
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._parts: dict[tuple[str, ...], Observation] = {}
        self._beside = ThreadPoolExecutor(1)
        self._segment = _kept_change_points()
        self._fit_detector = _kept_fits()

    def find(self, wanted: TaskConfiguration) -> PreviewFindings:
        """Return what a re-run with a configuration finds, or why only the re-run can tell.

        Raises
        ------
        InputError
            If the data allow no analysis with this configuration.
        """
        obstacle = self._obstacle(wanted)
        if obstacle:
            return PreviewFindings(quick=False, reason=obstacle)
        data = self._data_for(wanted.detectors)
        steps = _Steps(data, wanted, self._kept, self._beside, self._segment, self._fit_detector)
        found = analyse(data, wanted, self._analysis, recall=steps)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        temporal, spectral = found.temporal, found.spectral
        durations = () if temporal is None else temporal.durations
        if may_widen(wanted, durations):
            return PreviewFindings(
                quick=False,
                reason="the burst is not, or not fully, near the trigger: a re-run searches all "
                "data",
            )
        together = None if temporal is None else temporal.combined
        return PreviewFindings(
            quick=True,
            reason="",
            durations=published(
                (*durations, *(() if together is None else (together,))), tuple[Duration, ...]
            ),
            spectra=published(
                () if spectral is None else spectral.intervals, tuple[SpectrumFits, ...]
            ),
        )

    def _obstacle(self, wanted: TaskConfiguration) -> str:
        """Return why the data of a re-run may differ from those that were kept; empty: no."""
        before = self._made_with
        if self._was_widened:
            return "the burst was found far from the trigger: a re-run searches all data"
        if reading_window(wanted) != reading_window(before):
            return "the intervals need data that were not kept: a re-run reads the files again"
        for name in ("instruments", "calibration", "trigger_time_s"):
            if getattr(wanted, name) != getattr(before, name):
                return f"the key {name} changes what is read: a re-run reads the files again"
        if _of_a_file(wanted) and _backgrounds(wanted) != _backgrounds(before):
            return "the background is that of a file: a re-run reads it"
        names = {name.lower() for name in before.detectors}
        others = [name for name in wanted.detectors if name.lower() not in names]
        if names and (others or not wanted.detectors):
            return "data of these detectors were not kept: a re-run reads the files again"
        return ""

    def _data_for(self, detectors: tuple[str, ...]) -> Observation:
        """Return the data of some detectors, as they are read for a re-run."""
        if detectors not in self._parts:
            self._parts[detectors] = of_detectors(self._observation, detectors)
        return self._parts[detectors]


@lru_cache(1)  # a process has one session
def session_of(steps: str) -> PreviewSession:
    """Return the session of a task in this process, by the path of its steps."""
    return PreviewSession(Path(steps))


def _kept_change_points() -> ChangePoints:
    """Return a function that keeps the change points that it has found in the events of a task."""
    kept: OrderedDict[tuple[Any, ...], Floats] = OrderedDict()

    def segment(
        lists: Sequence[EventList],
        window_s: Interval,
        band_kev: Interval | None,
        false_alarm: float,
    ) -> Floats:
        # The session holds the events, so that their identities stay.
        key = (tuple(map(id, lists)), window_s, band_kev, false_alarm)
        if key not in kept:
            kept[key] = change_points(lists, window_s, band_kev, false_alarm)
        kept.move_to_end(key)
        while len(kept) > _MOST_KEPT:
            kept.popitem(last=False)
        return kept[key]

    return segment


def _kept_fits() -> DetectorFit:
    """Return a function that keeps the backgrounds of detectors, and their events in bins.

    Another energy band seldom moves the background intervals, and then the fit stays the same.
    """
    kept: OrderedDict[tuple[Any, ...], BackgroundFit | None] = OrderedDict()
    histories: dict[int, History | None] = {}

    def binned(events: EventList) -> History | None:
        # The session holds the events, so that their identities stay.
        if id(events) not in histories:
            histories[id(events)] = events_by_channel(events)
        return histories[id(events)]

    def fit(
        observation: Observation,
        data: EventList | History,
        configuration: TaskConfiguration,
        free_s: Floats,
    ) -> BackgroundFit | None:
        choice = msgspec.json.encode(configuration.background)
        key = (id(observation), id(data), choice, free_s.tobytes())
        if key not in kept:
            kept[key] = fit_detector(observation, data, configuration, free_s, binned)
        kept.move_to_end(key)
        while len(kept) > _MOST_KEPT:
            kept.popitem(last=False)
        return kept[key]

    return fit


def _backgrounds(configuration: TaskConfiguration) -> list[BackgroundChoice]:
    """Return the choice of the background for each instrument."""
    return [configuration.of(instrument).background for instrument in Instrument]


def _of_a_file(configuration: TaskConfiguration) -> bool:
    return any(each.mode == "file" for each in _backgrounds(configuration))


class _Steps:
    """Recalls or computes the steps of one preview (see `analysis.burst.Recall`).

    The backgrounds of the detectors, which nothing needs before the durations are measured, are
    computed in a thread beside them: kernels release the lock of the interpreter.
    """

    def __init__(
        self,
        data: Observation,
        wanted: TaskConfiguration,
        kept: OrderedDict[str, Any],
        beside: ThreadPoolExecutor,
        segment: ChangePoints,
        fit_one: DetectorFit,
    ) -> None:
        self._data = data
        self._wanted = wanted
        self._kept = kept
        self._beside = beside
        self._segment = segment
        self._fit_one = fit_one
        self._backgrounds: Future[Any] | None = None
        self._keys: dict[str, str] = {StepName.READ: canonical_sha256(wanted.detectors)}
        """Keys of the outcomes so far. Outcomes are functions of their keys, which stand for their
        checksums."""

    def __call__(
        self, name: StepName, kind: type[T], compute: Callable[[TaskConfiguration], T]
    ) -> T:
        """Return the outcome of a step."""
        key = self._keys[name] = self._key_of(name)
        if key not in self._kept:
            self._kept[key] = self._computed(name, compute)
        self._kept.move_to_end(key)
        value: T = self._kept[key]
        if isinstance(value, FoundBursts):
            self._begin_backgrounds(value)
        return value

    def _key_of(self, name: StepName) -> str:
        return step_key(STEPS[name], self._wanted, self._keys, "")

    def _computed(self, name: StepName, compute: Callable[[TaskConfiguration], T]) -> T:
        if name is StepName.BACKGROUND and self._backgrounds is not None:
            value: T = self._backgrounds.result()
            return value
        own = projected(self._wanted, STEPS[name])
        if name is StepName.BLOCKS:
            return cast("T", find_bursts(self._data, own, self._segment))
        return compute(own)

    def _begin_backgrounds(self, found: FoundBursts) -> None:
        if self._key_of(StepName.BACKGROUND) not in self._kept:
            own = projected(self._wanted, STEPS[StepName.BACKGROUND])
            self._backgrounds = self._beside.submit(
                detector_backgrounds, self._data, own, found.instruments, self._fit_one
            )
