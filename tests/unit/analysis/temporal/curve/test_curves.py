"""In light curves of several bands and detectors each photon is counted once."""

import numpy as np
import pytest

from eclgrmd.analysis.temporal.curve.curves import curve_of_light_curves
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import LightCurve

START = np.arange(4.0)
WHOLE, LOW, HIGH = (15.0, 350.0), (15.0, 60.0), (60.0, 350.0)


def curve(counts: float, band: tuple[float, float] | None, *detectors: str) -> LightCurve:
    one = np.ones(4)
    return LightCurve(Instrument.OTHER, detectors, band, START, START + 1.0, counts * one, one)


@pytest.mark.parametrize(
    ("curves", "right"),
    [
        ([curve(3, WHOLE, "a"), curve(1, LOW, "a"), curve(2, HIGH, "a")], 3),
        ([curve(1, LOW, "a"), curve(2, HIGH, "a")], 3),
        ([curve(1, LOW, "a"), curve(3, WHOLE, "a"), curve(7, WHOLE, "b"), curve(5, LOW, "b")], 10),
        ([curve(3, WHOLE, "a"), curve(5, LOW, "b"), curve(6, HIGH, "b")], 14),
        ([curve(10, WHOLE, "a", "b"), curve(3, WHOLE, "a"), curve(7, WHOLE, "b")], 10),
        ([curve(3, None, "a"), curve(1, LOW, "a"), curve(7, None, "b")], 10),
    ],
)
def test_each_photon_counts_once(curves: list[LightCurve], right: float) -> None:
    assert curve_of_light_curves(curves, None).counts.tolist() == [right] * 4
