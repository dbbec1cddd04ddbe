"""The catalogues' recipes for durations, on curves whose answer is known."""

import numpy as np
import pytest

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve
from testbench.comparison.recipes import widths_between
from tests.support.bursts import made_up


def found(net: Floats) -> DurationMeasurement:
    """A light curve of 1 s bins from -100 to 200 s over a background of 500 counts/s."""
    start = np.arange(-100.0, 200.0)
    curve = LightCurve(
        Instrument.GRM,
        ("GRD01",),
        (15.0, 5000.0),
        start,
        start + 1.0,
        500.0 + net,
        np.ones(len(start)),
    )
    return made_up.duration(curve=curve, background_counts=np.full(len(start), 500.0))


def steady(start: int, stop: int) -> Floats:
    net = np.zeros(300)
    net[100 + start : 100 + stop] = 40.0
    return net


def test_what_lies_outside_the_given_times_does_not_count() -> None:
    assert widths_between(found(steady(0, 100)), 20.0, 60.0) == pytest.approx((36.0, 20.0))


def test_no_rise_gives_nothing() -> None:
    assert widths_between(found(steady(0, 100)), 120.0, 140.0) is None
