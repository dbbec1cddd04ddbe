"""Twins have the rate of their burst, and the badge counts what their intervals held."""

import numpy as np
import pytest
from msgspec.structs import replace

from eclgrmd.analysis.burst import analyse
from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.task import TaskType
from eclgrmd.studies.coverage import coverage_study, measure_coverage, twin_model
from eclgrmd.studies.coverage.counting import cover
from eclgrmd.studies.coverage.twins import draw_twin
from tests.support.campaigns import steady_burst

CHOICE = TaskConfiguration(duration=DurationChoice(bootstrap=100, character=False))


def test_twins_have_the_counts_and_the_duration_of_the_burst() -> None:
    burst = steady_burst(2)
    analysis = analyse(burst, CHOICE, TaskType.TEMPORAL)
    model = twin_model(analysis)
    assert analysis.temporal is not None
    found = analysis.temporal.durations[0]
    assert found.t90.value_s is not None
    assert model.truth["t90_s"] == pytest.approx(found.t90.value_s, rel=0.15)
    rng = np.random.default_rng(1)
    twins = [len(draw_twin(model, rng).events[0].time_s) for _ in range(20)]
    assert np.mean(twins) == pytest.approx(len(burst.events[0].time_s), rel=0.03)


def test_the_same_seed_makes_the_same_badge() -> None:
    analysis = analyse(steady_burst(2), CHOICE, TaskType.TEMPORAL)

    def measured(seed: int) -> tuple[float | None, ...]:
        study = coverage_study(analysis, CHOICE, twins=6, seed=seed)
        badge = measure_coverage(study, 1, lambda _: None)
        assert [each.quantity for each in badge.covers] == ["t90_s", "t50_s"]
        assert badge.undetected + badge.covers[0].twins == 6
        return tuple(each.mean for each in badge.covers)

    assert measured(1) == measured(1) != measured(2)


def test_a_twin_has_the_intervals_of_a_whole_analysis() -> None:
    study = coverage_study(
        analyse(steady_burst(2), CHOICE, TaskType.TEMPORAL), CHOICE, twins=1, seed=3
    )
    twin = draw_twin(study.model, np.random.default_rng([3, 0]))
    whole = analyse(twin, replace(CHOICE, seed=CHOICE.seed + 1), TaskType.TEMPORAL)
    assert whole.temporal is not None
    t90 = whole.temporal.durations[0].t90
    assert study.measure(0).values["t90_s"] == (
        t90.value_s, t90.err_minus_s, t90.err_plus_s, t90.interval95_s
    )  # fmt: skip


def test_a_burst_that_is_not_there_has_no_twins() -> None:
    nothing = analyse(steady_burst(2, counts=0), CHOICE, TaskType.TEMPORAL)
    with pytest.raises(InputError, match="no burst was found"):
        twin_model(nothing)


def test_shares_have_their_binomial_error() -> None:
    found = [(value, 1.0, 1.0, (value - 2.0, value + 2.0)) for value in (9.5, 10.5, 11.5, 13.0)]
    badge = cover("t90_s", 10.0, [*found])
    assert (badge.covered_68, badge.covered_95) == (0.5, 0.75)
    assert badge.error_68 == pytest.approx(0.25)
    empty = cover("t90_s", 10.0, [])
    assert (empty.covered_68, empty.error_68, empty.mean) == (None, None, None)
