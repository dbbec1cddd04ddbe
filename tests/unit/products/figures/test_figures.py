"""Figures can be drawn of any analysis, and the same input gives the same bytes."""

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from msgspec import structs

from eclgrmd.analysis.temporal.results import DurationMeasurement, TemporalAnalysis
from eclgrmd.formats import CurveWithBackground
from eclgrmd.model.names import Instrument
from eclgrmd.products.figures import bands_figure, light_curve_figure, spectrum_figure
from tests.support.bursts import made_up
from tests.unit.products.figures.drawings import net_duration, size_of


@pytest.mark.parametrize(
    "durations",
    [
        (made_up.duration(),),
        (made_up.nothing_found(),),
        (net_duration(),),
        (made_up.duration(), made_up.duration(instrument=Instrument.ECLAIRS, detectors=("ECL",))),
    ],
    ids=["burst", "nothing", "net", "two instruments"],
)
def test_a_light_curve_is_drawn(durations: tuple[DurationMeasurement, ...]) -> None:
    assert size_of(light_curve_figure("sb26051301", TemporalAnalysis(durations))) == (1600, 1000)


@pytest.mark.parametrize("found", [made_up.duration(), made_up.nothing_found()])
def test_bands_are_drawn(found: DurationMeasurement) -> None:
    soft = CurveWithBackground(found.curve, found.background_counts, found.background_error_counts)
    net = CurveWithBackground(net_duration().curve)
    assert size_of(bands_figure("sb26051301", found, [soft, soft, net])) == (1600, 1000)


def test_a_spectrum_of_several_detectors_is_drawn() -> None:
    interval = made_up.interval_fits(made_up.fit("band"))
    assert size_of(spectrum_figure("sb26051301", interval)) == (1600, 1000)


def test_a_spectrum_without_background_or_counts_is_drawn() -> None:
    interval = made_up.interval_fits(made_up.fit("band"))
    bare = tuple(replace(each, background=None, counts=np.zeros(64)) for each in interval.spectra)
    assert size_of(spectrum_figure("sb26051301", structs.replace(interval, spectra=bare))) == (
        1600,
        1000,
    )


def test_figures_are_the_same_bytes_every_time() -> None:
    temporal = TemporalAnalysis((made_up.duration(),))
    interval = made_up.interval_fits(made_up.fit("band"))
    assert light_curve_figure("x", temporal) == light_curve_figure("x", temporal)
    assert spectrum_figure("x", interval) == spectrum_figure("x", interval)


def test_user_settings_of_matplotlib_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    temporal = TemporalAnalysis((made_up.duration(),))
    before = light_curve_figure("x", temporal)
    monkeypatch.setitem(mpl.rcParams, "axes.facecolor", "red")
    assert light_curve_figure("x", temporal) == before


def test_a_figure_needs_something_to_show() -> None:
    with pytest.raises(ValueError, match="light curve"):
        light_curve_figure("x", TemporalAnalysis(()))
    with pytest.raises(ValueError, match="light curve"):
        bands_figure("x", made_up.duration(), [])
    with pytest.raises(ValueError, match="fitted spectrum"):
        spectrum_figure("x", made_up.interval_fits())
