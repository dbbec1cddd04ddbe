"""Significance of the ends of a burst."""

import numpy as np
import pytest

from eclgrmd.analysis.temporal.search.find import FoundBurst, find_in
from eclgrmd.analysis.temporal.width.ends import burst_ends
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve

START = np.arange(-200.0, 300.0, 0.25)


def found(emission: Floats) -> FoundBurst:
    """Search counts in bins of 0.25 s over 400 counts/s."""
    counts = np.random.default_rng(1).poisson(0.25 * (400.0 + emission)).astype(float)
    exposure = np.full(len(START), 0.25)
    curve = LightCurve(
        Instrument.OTHER, ("D",), None, START, START + 0.25, counts, exposure_s=exposure
    )
    return find_in(curve, TaskConfiguration())


def plateau(low: float, high: float, rate: float) -> Floats:
    return np.where((low <= START) & (high > START), rate, 0.0)


def test_a_spike_makes_the_end_no_brighter() -> None:
    weak = found(plateau(0.0, 40.0, 60.0))
    spiky = found(plateau(0.0, 40.0, 60.0) + plateau(0.0, 1.0, 20_000.0))
    assert spiky.significance is not None
    assert weak.significance is not None
    assert spiky.significance > 4.0 * weak.significance
    plain, beside = (burst_ends(each.curve, each.finding) for each in (weak, spiky))
    for with_spike, alone in zip(beside, plain, strict=True):
        assert with_spike.significance == pytest.approx(alone.significance, rel=0.25)
        assert with_spike.share < 0.3
        assert alone.share > 0.9


def test_each_end_has_the_brightness_of_its_episode() -> None:
    both = found(plateau(0.0, 10.0, 100.0) + plateau(60.0, 70.0, 2000.0))
    first, last = burst_ends(both.curve, both.finding)
    assert last.significance > 8.0 * first.significance
    assert first.share == pytest.approx(0.05, rel=0.3)
    assert last.share == pytest.approx(0.95, abs=0.05)
