"""Texts of a figure neither overlap nor leave the figure, whatever the analysis contains."""

from itertools import combinations
from typing import Any, cast

import numpy as np
import pytest
from matplotlib.axis import Axis, Tick
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba_array
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from msgspec import structs

from eclgrmd.analysis.spectral.results import IntervalFits, NuFnu
from eclgrmd.analysis.temporal.results import (
    CumulativeCurve,
    DurationMeasurement,
    TemporalAnalysis,
)
from eclgrmd.formats import CurveWithBackground
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.interval import Interval
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.names import Instrument
from eclgrmd.model.result import EvolutionPoint, RestFrame
from eclgrmd.products.figures import (
    bands_figure,
    corner_figure,
    cumulative_figure,
    evolution_figure,
    light_curve_figure,
    nufnu_figure,
    planes_figure,
    spectrum_figure,
)
from tests.support.bursts import made_up
from tests.support.present import present

FOURTEEN = (*(f"n{each}" for each in "0123456789ab"), "b0", "b1")
LONG_NAME = (
    "a burst whose name somebody made as long as the rule for identifiers lets it be, and so"
)
FLAGS = tuple(
    Flag(
        FlagCode.SAME_COUNTS,
        subject=f"glg_ctime_n{n}_bn200101123_v01.pha",
        detail="the other file of it, glg_cspec, and so on",
    )
    for n in range(9)
)
TOUCHING_PX = 1.0


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Return the figures as they were when encoded."""
    figures: list[Figure] = []
    draw = cast(Any, FigureCanvasAgg).draw

    def spy(canvas: FigureCanvasAgg) -> None:
        draw(canvas)
        figures.append(canvas.figure)

    monkeypatch.setattr(FigureCanvasAgg, "draw", spy)
    return figures


def texts_of(figure: Figure) -> list[tuple[str, Bbox]]:
    """Return the texts of a figure, each with its bounding box in pixels."""
    unseen: set[int] = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            shown = {id(tick) for tick in shown_ticks(axis)}
            for tick in (*axis.majorTicks, *axis.minorTicks):
                if id(tick) not in shown or not axes.get_visible():
                    unseen |= {id(tick.label1), id(tick.label2)}
    written = [
        text
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and id(text) not in unseen
    ]
    return [(text.get_text(), text.get_window_extent()) for text in written]


def shown_ticks(axis: Axis) -> list[Tick]:
    """Return the ticks within the limits of an axis, for which matplotlib has no public name."""
    found: list[Tick] = cast(Any, axis)._update_ticks()
    return found


def assert_readable(figure: Figure) -> None:
    boxes = texts_of(figure)
    assert len(boxes) > 3
    width, height = figure.canvas.get_width_height()
    for text, box in boxes:
        assert min(box.x0, box.y0) >= 0, text
        assert box.x1 <= width, text
        assert box.y1 <= height, text
    for (one, a), (other, b) in combinations(boxes, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert wide <= TOUCHING_PX or high <= TOUCHING_PX, f"{one!r} overlaps {other!r}"


def many_detectors() -> DurationMeasurement:
    return made_up.duration(instrument=Instrument.GBM, detectors=FOURTEEN, flags=FLAGS)


@pytest.mark.parametrize("name", ["GRB000000001", LONG_NAME])
@pytest.mark.parametrize("slews", [(), ((30.0, 50.0),)])
def test_a_light_curve_of_many_detectors(
    drawn: list[Figure], name: str, slews: tuple[Interval, ...]
) -> None:
    light_curve_figure(name, TemporalAnalysis((many_detectors(),), slews_s=slews))
    assert_readable(drawn[0])


def test_flags_hide_no_data(drawn: list[Figure]) -> None:
    light_curve_figure("x", TemporalAnalysis((many_detectors(),)))
    (axes,) = drawn[0].axes
    highest = max(float(np.nanmax(line.get_ydata())) for line in axes.lines[:3])
    (flags,) = (box for text, box in texts_of(drawn[0]) if text.startswith("! "))
    assert flags.y0 > axes.transData.transform((0.0, highest))[1]


def test_light_curves_of_two_instruments(drawn: list[Figure]) -> None:
    other = made_up.duration(instrument=Instrument.ECLAIRS, detectors=("ECL",))
    light_curve_figure(LONG_NAME, TemporalAnalysis((many_detectors(), other)))
    assert_readable(drawn[0])


def test_a_light_curve_without_a_burst(drawn: list[Figure]) -> None:
    light_curve_figure(LONG_NAME, TemporalAnalysis((made_up.nothing_found(),)))
    assert_readable(drawn[0])


def test_bands_of_many_detectors(drawn: list[Figure]) -> None:
    found = many_detectors()
    soft = CurveWithBackground(found.curve, found.background_counts, found.background_error_counts)
    bands_figure(LONG_NAME, found, [soft] * 4)
    assert_readable(drawn[0])


def test_a_cumulative_curve_of_many_detectors(drawn: list[Figure]) -> None:
    time = np.linspace(-20.0, 60.0, 400)
    rising = 1e4 / (1 + np.exp(-(time - 10) / 3))
    curve = CumulativeCurve(time, rising, 0.0, 1e4, 150.0)
    cumulative_figure(
        LONG_NAME, TemporalAnalysis((structs.replace(many_detectors(), cumulative=curve),))
    )
    assert_readable(drawn[0])


def many_spectra(*models: tuple[str, bool]) -> IntervalFits:
    fits = []
    for model, preferred in models:
        fit = made_up.fit(model, preferred=preferred, flags=FLAGS, nufnu=nufnu())
        fits.append(structs.replace(fit, folded=fit.folded[:1] * len(FOURTEEN)))
    found = made_up.interval_fits(*fits)
    spectra = tuple(made_up.spectrum(name) for name in FOURTEEN)
    return structs.replace(
        found,
        spectra=spectra,
        used=found.used[:1] * len(FOURTEEN),
        statistics=dict(zip(FOURTEEN, ("chi2", "pgstat") * 7, strict=True)),
    )


def nufnu() -> NuFnu:
    energy = np.geomspace(8.0, 4e4, 60)
    value = 1e-7 * energy * np.exp(-energy / 500.0) + 1e-9
    return NuFnu(energy, value, 0.9 * value, 1.1 * value)


def test_a_spectrum_of_many_detectors(drawn: list[Figure]) -> None:
    spectrum_figure(LONG_NAME, many_spectra(("band", True)))
    assert_readable(drawn[0])


def test_an_energy_distribution_of_many_detectors_and_models(drawn: list[Figure]) -> None:
    models = ("band", "cpl", "pl", "sbpl", "band+bb")
    nufnu_figure(LONG_NAME, many_spectra(*((name, name == "cpl") for name in models)))
    assert_readable(drawn[0])


def test_every_detector_has_a_colour_of_its_own(drawn: list[Figure]) -> None:
    spectrum_figure("x", many_spectra(("band", True)))
    legend = present(drawn[0].axes[0].get_legend())
    names = [text.get_text() for text in legend.get_texts()]
    bars = [each for each in drawn[0].axes[0].containers if isinstance(each, ErrorbarContainer)]
    colours = {
        bar.get_label(): tuple(to_rgba_array(bar.lines[2][0].get_color())[0])
        for bar in bars
        if bar.lines[2]
    }
    assert set(FOURTEEN) <= set(names)
    assert len({colours[name] for name in FOURTEEN}) == len(FOURTEEN)


def test_evolution_over_a_narrow_range(drawn: list[Figure]) -> None:
    points = [
        EvolutionPoint(
            kind="block",
            interval_s=(float(n), n + 1.0),
            model="band+bb",
            epeak_kev=Measurement(310.0 + n, 3.0, 3.0),
            alpha=Measurement(-0.9, 0.1, 0.1),
            beta=None,
            flux=None,
            flags=(),
        )
        for n in range(4)
    ]
    evolution_figure(LONG_NAME, points, many_detectors())
    assert_readable(drawn[0])


@pytest.mark.parametrize("scale", [1.0, 1e-7, 1e7])
def test_a_corner_plot_of_any_numbers(drawn: list[Figure], scale: float) -> None:
    samples = scale * np.random.default_rng(1).normal(3.0, 0.2, (500, 4))
    posterior = made_up.posterior(("epeak_kev", "alpha", "beta", "amplitude"), samples)
    corner_figure(LONG_NAME, "band+bb", posterior)
    assert_readable(drawn[0])


def test_planes_over_assumed_redshifts(drawn: list[Figure]) -> None:
    frames = [
        RestFrame(
            z,
            True,
            Measurement(300 * (1 + z), 20.0, 20.0),
            Measurement(1e52 * z**2, 1e51, 1e51),
            Measurement(1e52 * z**2, 1e51, 1e51),
            "Planck18",
        )
        for z in (0.1, 0.5, 1.0, 3.0, 10.0)
    ]
    planes_figure(LONG_NAME, frames, [], "Band function + blackbody")
    assert_readable(drawn[0])


def test_a_residual_beyond_the_axis_is_marked(drawn: list[Figure]) -> None:
    found = made_up.interval_fits(made_up.fit("band"))
    far = structs.replace(
        found.models[0], folded=tuple(0.5 * each for each in found.models[0].folded)
    )
    spectrum_figure("x", structs.replace(found, models=(far,)))
    residuals = drawn[0].axes[1]
    low, high = residuals.get_ylim()
    marks = [line for line in residuals.lines if line.get_marker() == "^"]
    heights = np.concatenate([line.get_ydata() for line in marks])
    assert len(heights) > 0
    assert ((low < heights) & (heights < high)).all()


def test_the_preferred_model_is_the_one_that_is_drawn(drawn: list[Figure]) -> None:
    first, better = made_up.fit("band", preferred=False), made_up.fit("cpl", statistic_value=99.0)
    spectrum_figure("x", made_up.interval_fits(first, better))
    assert any("cutoff power law" in text and "99.0" in text for text, _ in texts_of(drawn[0]))


@pytest.mark.parametrize("span", [(8.0, 12.0), (15.0, 150.0), (8.0, 1000.0), (4.0, 4e7)])
def test_an_energy_axis_has_plain_numbers_alone(drawn: list[Figure], span: Interval) -> None:
    energy = np.geomspace(*span, 50)
    flat = NuFnu(energy, np.full(50, 1e-7), np.full(50, 9e-8), np.full(50, 1.1e-7))
    found = made_up.interval_fits(made_up.fit("band", nufnu=flat))
    nufnu_figure("x", found)
    texts = drawn[0].axes[0].texts
    labels = [text.get_text() for text in texts if text.get_position()[1] == 0.0]
    assert len(labels) >= 2
    assert all(label.replace("\u2009", "").replace(".", "").isdigit() for label in labels)


def test_a_poor_fit_is_flagged_above_the_spectrum(drawn: list[Figure]) -> None:
    detail = "PGSTAT 7129 for 98 dof, chance below 0.005"
    poor = made_up.fit("band", flags=(Flag(FlagCode.POOR_FIT, detail=detail),))
    spectrum_figure("x", made_up.interval_fits(poor))
    assert any(text.endswith("/ 124, poor fit") for text, _ in texts_of(drawn[0]))
