"""The recipe of the GBM catalogue, on curves whose answer is known."""

from dataclasses import replace as replace_fit

import numpy as np
import pytest
from msgspec.structs import replace

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.temporal.background.spline import BackgroundFit
from eclgrmd.analysis.temporal.catalogue import by_catalogue, catalogue_widths
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import (
    BackgroundChoice,
    DurationChoice,
    TaskConfiguration,
    check_configuration,
)
from eclgrmd.model.flags import texts
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve
from tests.support.bursts import made_up
from tests.unit.analysis.temporal.simulated import Pulse, light_curve, observation

INTERVALS = ((-90.0, -20.0), (130.0, 190.0))
BACKGROUND = 500.0


def fit() -> BackgroundFit:
    """A constant background that is known exactly."""
    return BackgroundFit(
        instrument=Instrument.GRM,
        detector="GRD01",
        intervals_s=np.array(INTERVALS),
        order=0,
        origin_s=0.0,
        unit_s=1.0,
        coefficients=np.array([[BACKGROUND]]),
        covariance=np.array([[[0.0]]]),
        statistic=np.zeros(1),
        dof=1,
    )


def found(counts: Floats) -> DurationMeasurement:
    """A light curve of 1 s bins from -100 to 200 s with a burst from 0 to 100 s."""
    start = np.arange(-100.0, 200.0)
    curve = LightCurve(
        Instrument.GRM, ("GRD01",), (15.0, 5000.0), start, start + 1.0, counts, np.ones(300)
    )
    return replace(
        made_up.duration(curve=curve, background_counts=np.full(300, BACKGROUND)),
        t100_s=(0.0, 100.0),
        background_fit=fit(),
    )


def rate(height: float) -> Floats:
    """A rectangle from 0 to 100 s over the background."""
    counts = np.full(300, BACKGROUND)
    counts[100:200] += height
    return counts


def test_a_rectangle_has_nine_tenths_and_half_of_its_length() -> None:
    widths = catalogue_widths(found(rate(40.0)))
    assert widths is not None
    assert (widths.t90.value_s, widths.t50.value_s) == pytest.approx((90.0, 50.0))
    assert (widths.t90.start_s, widths.t90.stop_s) == pytest.approx((5.0, 95.0))
    assert widths.fluence.value == pytest.approx(4000.0)


def test_what_lies_between_the_intervals_counts_and_what_lies_in_them_does_not() -> None:
    counts = rate(40.0)
    counts[215:225] += 40.0  # 115 to 125 s
    widths = catalogue_widths(found(counts))
    assert widths is not None
    assert widths.t90.stop_s == pytest.approx(119.5)


def test_photons_are_weighted_counts() -> None:
    weights = np.where(np.arange(300) < 150, 3.0, 1.0)
    widths = catalogue_widths(found(rate(40.0)), weights)
    assert widths is not None
    assert widths.fluence.value == pytest.approx(8000.0)
    assert (widths.t90.start_s, widths.t90.stop_s) == pytest.approx((400 / 120, 90.0))


def test_the_errors_of_the_crossings_are_their_spread_over_noisy_curves() -> None:
    rng = np.random.default_rng(8)
    drawn = [catalogue_widths(found(rng.poisson(rate(400.0)).astype(float))) for _ in range(400)]
    widths = [each.t90 for each in drawn if each is not None]
    for value, error in (("start_s", "start_err_plus_s"), ("stop_s", "stop_err_plus_s")):
        spread = np.std([getattr(each, value) for each in widths])
        stated = np.median([getattr(each, error) for each in widths])
        assert stated == pytest.approx(spread, rel=0.15)


def test_background_on_one_side_gives_no_duration_but_a_flag() -> None:
    one_sided = replace(
        found(rate(40.0)), background_fit=replace_fit(fit(), intervals_s=np.array(INTERVALS[:1]))
    )
    measured = by_catalogue(one_sided)
    assert measured.t90.value_s is None
    assert "no T90 between plateaus: background on one side only" in texts(measured.flags)


def configuration(background: BackgroundChoice) -> TaskConfiguration:
    choice = DurationChoice(method="gbm_catalogue", bootstrap=100)
    return TaskConfiguration(background=background, duration=choice)


def test_the_method_of_the_configuration_replaces_the_headline() -> None:
    pulse = Pulse()
    background = BackgroundChoice(
        mode="intervals", intervals_s=((-45.0, -5.0), (90.0, 140.0)), order=1
    )
    curve = light_curve(pulse, np.random.default_rng(2))
    measured = measure(observation(curves=(curve,)), configuration(background)).durations[0]
    start, stop = pulse.width(0.9)
    assert measured.method.startswith("recipe of the GBM catalogue")
    assert measured.t90.value_s == pytest.approx(stop - start, rel=0.1)
    assert measured.t90.koshut_error_s == measured.t90.err_plus_s


@pytest.mark.parametrize(
    "background",
    [BackgroundChoice(order=1), BackgroundChoice(mode="intervals", intervals_s=INTERVALS)],
)
def test_the_method_needs_intervals_and_an_order(background: BackgroundChoice) -> None:
    with pytest.raises(InputError, match="set /background/mode to `intervals`"):
        check_configuration(configuration(background))
