"""The data and the task type decide what is computed."""

from dataclasses import replace

import numpy as np
import pytest

from eclgrmd.analysis import burst
from eclgrmd.analysis.burst import analyse
from eclgrmd.analysis.spectral.results import SpectralAnalysis
from eclgrmd.analysis.spectral.spectra.interval_spectra import ChosenIntervals
from eclgrmd.analysis.temporal.measure import MeasuredBursts
from eclgrmd.analysis.temporal.results import TemporalAnalysis
from eclgrmd.analysis.temporal.search.find import FoundBursts
from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.flags import texts
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, Observation
from eclgrmd.model.pipeline import Stage
from eclgrmd.model.task import TaskType
from tests.support.bursts import made_up
from tests.support.present import present

NOTHING = made_up.observation()
EVENTS = EventList(
    Instrument.GRM,
    "GRD01",
    np.array([0.0, 1.0]),
    np.zeros(2, dtype=np.int16),
    None,
    np.array([[0.0, 1.0]]),
)
SPECTRUM = made_up.spectrum("GRD01")
RESPONSE = present(SPECTRUM.response)

WITH_EVENTS = replace(NOTHING, events=(EVENTS,))
WITH_ALL = replace(NOTHING, events=(EVENTS,), responses=(RESPONSE,))
WITH_SPECTRUM = replace(NOTHING, spectra=(SPECTRUM,))
WITH_CURVE = replace(NOTHING, light_curves=(made_up.light_curve(Instrument.GRM, ("GRD01",)),))
BARE_SPECTRUM = replace(NOTHING, spectra=(replace(SPECTRUM, response=None),))


@pytest.fixture(autouse=True)
def given(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Replace the steps, which have their own tests; return what `intervals_of` receives."""
    temporal_given: list[object] = []

    def intervals(
        _observation: object, temporal: object, _configuration: object
    ) -> ChosenIntervals:
        temporal_given.append(temporal)
        return ChosenIntervals()

    monkeypatch.setattr(burst, "find_bursts", lambda *_, **_options: FoundBursts())
    monkeypatch.setattr(burst, "measure_bursts", lambda *_, **_options: MeasuredBursts())
    monkeypatch.setattr(burst, "detector_backgrounds", lambda *_, **_options: ())
    monkeypatch.setattr(burst, "intervals_of", intervals)
    monkeypatch.setattr(burst, "spectra_of_intervals", lambda *_, **_options: ())
    monkeypatch.setattr(burst, "fit_intervals", lambda *_, **_options: SpectralAnalysis())
    return temporal_given


@pytest.mark.parametrize(
    ("observation", "what", "temporal", "spectral", "flags"),
    [
        (WITH_ALL, TaskType.BURST, True, True, ()),
        (WITH_EVENTS, TaskType.BURST, True, False, ("no response",)),
        (WITH_CURVE, TaskType.BURST, True, False, ("no spectral data",)),
        (WITH_SPECTRUM, TaskType.BURST, False, True, ("no time series",)),
        (WITH_ALL, TaskType.TEMPORAL, True, False, ()),
        (WITH_ALL, TaskType.SPECTRAL, False, True, ()),
        (WITH_SPECTRUM, TaskType.SPECTRAL, False, True, ()),
    ],
)
def test_the_data_decide_what_is_computed(
    observation: Observation,
    what: TaskType,
    temporal: bool,
    spectral: bool,
    flags: tuple[str, ...],
) -> None:
    found = analyse(observation, TaskConfiguration(), what)
    assert (found.temporal is not None) == temporal
    assert (found.spectral is not None) == spectral
    assert texts(found.flags) == flags


@pytest.mark.parametrize(
    ("observation", "what", "needs"),
    [
        (NOTHING, TaskType.BURST, "a burst analysis needs an event list"),
        (BARE_SPECTRUM, TaskType.BURST, "a spectrum with its response"),
        (WITH_SPECTRUM, TaskType.TEMPORAL, "a temporal analysis needs an event list"),
        (WITH_EVENTS, TaskType.SPECTRAL, "a spectral analysis needs a response"),
        (WITH_CURVE, TaskType.SPECTRAL, "a spectral analysis needs a spectrum"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_what_is_missing(
    observation: Observation, what: TaskType, needs: str
) -> None:
    with pytest.raises(InputError, match=needs):
        analyse(observation, TaskConfiguration(), what)


def test_a_spectral_analysis_of_a_series_has_its_background(given: list[object]) -> None:
    analyse(WITH_ALL, TaskConfiguration(), TaskType.SPECTRAL)
    (temporal,) = given
    assert isinstance(temporal, TemporalAnalysis)


def test_ready_made_spectra_need_no_background_in_time(given: list[object]) -> None:
    analyse(WITH_SPECTRUM, TaskConfiguration(), TaskType.BURST)
    assert given == [None]


def test_stages_are_reported_as_they_begin() -> None:
    stages: list[Stage] = []
    analyse(WITH_ALL, TaskConfiguration(), TaskType.BURST, stages.append)
    assert stages == [Stage.TEMPORAL, Stage.SPECTRAL]


@pytest.mark.parametrize(
    ("what", "wanted", "described"),
    [
        (TaskType.BURST, True, [True, False]),
        (TaskType.TEMPORAL, True, [True, False]),
        (TaskType.TEMPORAL, False, [False, False]),
        (TaskType.SPECTRAL, True, []),
    ],
)
def test_only_what_is_significant_is_described_and_only_when_asked(
    monkeypatch: pytest.MonkeyPatch, what: TaskType, wanted: bool, described: list[bool]
) -> None:
    durations = (made_up.duration(), made_up.nothing_found())
    monkeypatch.setattr(burst, "measure_bursts", lambda *_, **_options: MeasuredBursts(durations))
    character = made_up.character()
    monkeypatch.setattr(
        burst, "describe", lambda _, duration, *__: character if duration.t100_s else None
    )
    configuration = TaskConfiguration(duration=DurationChoice(character=wanted))
    temporal = analyse(WITH_ALL, configuration, what).temporal
    found = () if temporal is None else temporal.durations
    assert [duration.character is character for duration in found] == described
    assert all(duration.character in (None, character) for duration in found)
