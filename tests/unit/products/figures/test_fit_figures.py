"""Figures of fits, and the relations drawn in them."""

import numpy as np
import pytest

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import EvolutionPoint, RestFrame
from eclgrmd.products.figures import corner_figure, evolution_figure, planes_figure
from eclgrmd.products.figures.planes import amati_epeak_kev, yonetoku_epeak_kev
from tests.support.bursts import made_up
from tests.unit.products.figures.drawings import size_of

SIZE = (1600, 1000)


def test_the_published_relations_hold_where_their_papers_have_them() -> None:
    assert amati_epeak_kev(1e52) == pytest.approx(94.0)
    assert amati_epeak_kev(1e54) == pytest.approx(94.0 * 100**0.57)
    # 2.34e-5 (1000 keV)^2 = 23.4 in units of 1e52 erg/s
    assert yonetoku_epeak_kev(23.4e52) == pytest.approx(1000.0)


NAVA_2012 = [
    (115, 1.69, 4.76), (127, 2.32, 7.23), (409, 4.10, 49.6), (315, 8.26, 83.0), (459, 7.56, 108),
    (1402, 27.2, 142), (1013, 8.65, 213), (1307, 142, 102), (376, 9.41, 116), (1691, 186, 2259),
    (208, 0.92, 1.08), (608, 30.5, 195), (630, 25.2, 94.9), (250, 3.97, 11.2), (212, 3.96, 4.28),
    (51, 1.61, 9.08), (146, 4.35, 3.17), (404, 2.98, 18.7), (715, 55.9, 25.1), (572, 18.0, 181),
]  # fmt: skip
"""Epeak,i (keV), Eiso (1e52 erg), Liso (1e51 erg/s) of bursts of the complete Swift sample of
Nava et al. 2012 (MNRAS 421, 1256), who find scatters of about 0.3 dex."""


def test_published_bursts_lie_about_both_relations() -> None:
    epeak, eiso, liso = (np.array(column) for column in zip(*NAVA_2012, strict=True))
    amati = np.log10(epeak / [amati_epeak_kev(e * 1e52) for e in eiso])
    yonetoku = np.log10(epeak / [yonetoku_epeak_kev(e * 1e51) for e in liso])
    assert abs(np.median(amati)) < 0.15
    assert abs(np.median(yonetoku)) < 0.15
    assert max(amati.std(), yonetoku.std()) < 0.4


def frame(z: float, *, assumed: bool) -> RestFrame:
    energy = Measurement(1e52 * z**2, 1e51 * z**2, 1e51 * z**2)
    peak = Measurement(200 * (1 + z), 20.0, 30.0)
    return RestFrame(z, assumed, peak, energy, energy, "")


@pytest.mark.parametrize("known", [True, False])
def test_the_planes_are_drawn(known: bool) -> None:
    frames = [frame(z, assumed=not known) for z in ((1.0,) if known else (0.1, 1.0, 10.0))]
    assert size_of(planes_figure("b", frames, () if known else frames, "Band")) == SIZE


@pytest.mark.parametrize("duration", [None, made_up.duration()])
def test_the_evolution_is_drawn_with_and_without_a_light_curve(
    duration: DurationMeasurement | None,
) -> None:
    points = [
        EvolutionPoint(
            (t, t + 2.0), "block", "band", Measurement(300.0 / (t + 1), 20.0, None),
            Measurement(-0.8 - 0.1 * t, 0.1, 0.1), None, None, (),
        )
        for t in (2.0, 4.0, 6.0)
    ]  # fmt: skip
    assert size_of(evolution_figure("b", points, duration)) == SIZE


def test_a_posterior_is_drawn() -> None:
    samples = np.random.default_rng(1).normal(size=(500, 3))
    posterior = made_up.posterior(("alpha", "beta", "epeak_kev"), samples)
    assert size_of(corner_figure("b", "band", posterior)) == SIZE
