"""T90 and T50 between plateaus, on curves whose answer is known."""

import numpy as np
import pytest

from eclgrmd.analysis.temporal.search.rounds import find_burst
from eclgrmd.analysis.temporal.width.plateaus import plateau_widths
from eclgrmd.model.configuration.sections import BackgroundChoice
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import LightCurve
from eclgrmd.model.result import Width

START = np.arange(-100.0, 200.0)
AROUND = ((-90.0, -20.0), (150.0, 190.0))


def curve(net: np.ndarray, rng: np.random.Generator | None = None) -> LightCurve:
    """Return bins of 1 s with 5,000 counts/s of background, noiseless without a generator."""
    expected = 5000.0 + net
    counts = expected if rng is None else rng.poisson(expected).astype(float)
    return LightCurve(
        Instrument.OTHER, ("D",), None, START, START + 1.0, counts, np.ones(len(START))
    )


def steady(start: int, stop: int, rate: float = 2000.0) -> np.ndarray:
    net = np.zeros(len(START))
    net[100 + start : 100 + stop] = rate
    return net


def widths(light: LightCurve, intervals: tuple[tuple[float, float], ...]) -> tuple[Width, Width]:
    choice = BackgroundChoice(mode="intervals", intervals_s=intervals, order=1)
    finding = find_burst(light, choice, (-100.0, 200.0), 0.01)
    assert finding.t100_s is not None
    found = plateau_widths(light, finding, finding.t100_s, 250, 1)
    assert found is not None
    return found


def test_a_steady_burst_lasts_nine_tenths_and_half_of_its_time() -> None:
    t90, t50 = widths(curve(steady(0, 100)), AROUND)
    assert (t90.value_s, t50.value_s) == pytest.approx((90.0, 50.0), abs=1e-6)
    assert (t90.start_s, t90.stop_s) == pytest.approx((5.0, 95.0), abs=1e-6)


def test_all_that_lies_between_the_intervals_counts() -> None:
    net = steady(0, 20) + steady(100, 120)
    t90, t50 = widths(curve(net), AROUND)
    assert (t90.value_s, t50.value_s) == pytest.approx((116.0, 100.0), abs=0.01)


def test_the_errors_hold_the_truth() -> None:
    """A decaying pulse, whose T90 between plateaus is that of its counts."""
    time = START + 0.5
    net = np.where(time > 0.0, 1500.0 * np.exp(-time / 20.0), 0.0)
    rise = np.append(0.0, np.cumsum(net)) / net.sum()
    edges = np.append(START[0], START + 1.0)
    truth = float(np.diff(np.interp([0.05, 0.95], rise, edges))[0])
    held = 0
    for seed in range(60):
        t90, _ = widths(curve(net, np.random.default_rng(seed)), AROUND)
        assert t90.value_s is not None
        assert t90.err_minus_s is not None
        assert t90.err_plus_s is not None
        held += t90.value_s - t90.err_minus_s < truth < t90.value_s + t90.err_plus_s
    assert 30 <= held <= 52  # 41 expected, standard deviation 3.6


def test_without_background_on_one_side_there_is_none() -> None:
    choice = BackgroundChoice(mode="intervals", intervals_s=AROUND[:1], order=1)
    light = curve(steady(0, 100))
    finding = find_burst(light, choice, (-100.0, 200.0), 0.01)
    assert finding.t100_s is not None
    assert plateau_widths(light, finding, finding.t100_s, 250, 1) is None
