"""A T90 that rests on emission of a few per cent of the background is flagged."""

import re

import numpy as np
import pytest
from msgspec.structs import replace

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.analysis.temporal.search.rounds import find_burst
from eclgrmd.analysis.temporal.width.durations import measure_found
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import FlagCode
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import LightCurve

BACKGROUND = 4000.0
START = np.arange(-300.0, 400.0)
WINDOW_S = (-300.0, 400.0)


def measured(weak: float, main: float = 0.2) -> DurationMeasurement:
    """Measure 20 s of emission, followed by 100 s of another, as fractions of the background."""
    rate = np.where((START >= 0) & (START < 20), main, 0.0)
    rate += np.where((START >= 20) & (START < 120), weak, 0.0)
    curve = LightCurve(
        instrument=Instrument.OTHER,
        detectors=("D",),
        band_kev=None,
        start_s=START,
        stop_s=START + 1.0,
        counts=np.random.default_rng(1).poisson(BACKGROUND * (1.0 + rate)).astype(float),
        exposure_s=np.ones(len(START)),
    )
    choice = TaskConfiguration()
    choice = replace(choice, duration=replace(choice.duration, bootstrap=100))
    finding = find_burst(curve, choice.background, WINDOW_S, choice.duration.false_alarm)
    return measure_found(curve, finding, WINDOW_S, choice, alternatives=False)


def weak_flags(found: DurationMeasurement) -> list[str]:
    return [str(flag) for flag in found.flags if flag.code is FlagCode.WEAK_ENDS]


def test_a_tail_of_two_per_cent_is_flagged_with_the_t90_without_it() -> None:
    found = measured(0.02)
    assert found.t90.value_s == pytest.approx(103.5, rel=0.15)
    (sentence,) = weak_flags(found)
    without = re.search(r"([\d.]+) s without it", sentence)
    assert without is not None
    assert float(without[1]) == pytest.approx(18.0, abs=0.5)


def test_a_burst_of_weak_emission_only_is_flagged() -> None:
    (sentence,) = weak_flags(measured(0.025, main=0.025))
    assert sentence.endswith("0 s without it")


@pytest.mark.parametrize("weak", [0.0, 0.04])
def test_emission_above_the_limit_is_not_flagged(weak: float) -> None:
    assert weak_flags(measured(weak)) == []
