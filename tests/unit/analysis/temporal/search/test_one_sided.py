"""Bursts in data that begin with them: the background is known on one side only."""

import numpy as np
import pytest

from eclgrmd.analysis.temporal.background.basis import ROUGHNESS
from eclgrmd.analysis.temporal.background.fit import fit_curve
from eclgrmd.analysis.temporal.search.find import find_in
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import FlagCode
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve

START = np.arange(-2.0, 400.0) * 0.5


def light_curve(emission: Floats, seed: int = 1) -> LightCurve:
    """Return counts in bins of 0.5 s above 300 counts/s of background."""
    counts = np.random.default_rng(seed).poisson(0.5 * (300.0 + emission))
    return LightCurve(
        instrument=Instrument.OTHER,
        detectors=("D",),
        band_kev=None,
        start_s=START,
        stop_s=START + 0.5,
        counts=counts.astype(float),
        exposure_s=np.full(len(START), 0.5),
    )


@pytest.mark.parametrize("seed", range(5))
def test_extended_emission_is_not_taken_for_background(seed: int) -> None:
    spike = np.where((START >= 0.0) & (START < 1.0), 5000.0, 0.0)
    decay = np.where(START >= 5.0, 150.0 * np.exp(-(START - 5.0) / 25.0), 0.0)
    found = find_in(light_curve(spike + decay, seed), TaskConfiguration())
    assert found.t100_s is not None
    # 75 % of the extended emission has arrived at 40 s
    assert found.t100_s[1] > 40.0


def test_only_a_background_on_two_sides_may_be_rough() -> None:
    wave = 100.0 * np.sin(2.0 * np.pi * START / 60.0)
    both = fit_curve(light_curve(wave), np.array([[-1.0, 40.0], [60.0, 200.0]]))
    one = fit_curve(light_curve(wave), np.array([[60.0, 200.0]]))
    assert both.chances is not None
    assert one.chances is not None
    assert ROUGHNESS[: len(both.chances)].max() == 1.0
    assert ROUGHNESS[: len(one.chances)].max() == 0.03
    assert FlagCode.ONE_SIDED_BACKGROUND in {flag.code for flag in one.flags}
