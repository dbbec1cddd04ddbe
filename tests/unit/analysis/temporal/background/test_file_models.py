import numpy as np
import pytest
from msgspec import convert

from eclgrmd.analysis.temporal.background.file_models import file_background
from eclgrmd.analysis.temporal.background.spline import BackgroundFit
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import BackgroundModel, Channels, LightCurve, Observation

START = np.arange(-50.0, 50.0)
LIVE_S = 0.001
BINS = START, START + LIVE_S, np.full(100, LIVE_S)
CHANNELS = Channels(np.array([1]), np.array([10.0]), np.array([100.0]))


def model(detector: str, origin_s: float, unit_s: float, knots_s: list[float]) -> BackgroundModel:
    size = 2 + len(knots_s)
    return BackgroundModel(
        Instrument.GBM,
        detector,
        CHANNELS,
        np.array([[-50.0, 50.0]]),
        origin_s,
        unit_s,
        np.array([1000.0, *np.linspace(9.0, 3.0, size - 1)])[None],
        np.diag(np.linspace(4.0, 1.0, size))[None],
        np.zeros(1),
        100,
        "b.fits",
        np.array(knots_s),
    )


def rate(given: BackgroundModel, time_s: np.ndarray) -> np.ndarray:
    """Return the rate at each time from its definition."""
    x = (time_s - given.origin_s) / given.unit_s
    knots = (given.knots_s - given.origin_s) / given.unit_s
    bends = np.maximum(x[:, None] - knots, 0.0)
    terms = np.column_stack([np.ones_like(x), x, bends])
    return np.asarray(terms @ given.coefficients[0])


def given(models: tuple[BackgroundModel, ...]) -> BackgroundFit:
    """Return the background of a light curve of the models' detectors in short bins."""
    observation = Observation(BurstId("b"), "2026-11-01T00:00:00", 0.0, background_models=models)
    curve = LightCurve(
        Instrument.GBM,
        tuple(each.detector for each in models),
        None,
        *BINS[:2],
        np.zeros(100),
        BINS[2],
    )
    choice = convert({"background": {"mode": "file"}}, TaskConfiguration).background
    found = file_background(observation, choice, curve)
    assert found is not None
    return found


def test_backgrounds_with_other_knots_and_scales_are_added() -> None:
    models = model("n1", 0.0, 10.0, [-20.0, 10.0]), model("n2", 5.0, 25.0, [10.0, 30.0])
    total = given(models)
    expected = sum(rate(each, START + 0.5 * LIVE_S) for each in models)
    assert total.counts(*BINS)[:, 0] / LIVE_S == pytest.approx(expected, rel=1e-6)
    variance = sum(given((each,)).errors(*BINS) ** 2 for each in models)
    assert total.errors(*BINS) ** 2 == pytest.approx(variance)
