import numpy as np
import pytest

from eclgrmd.model.observation import Floats, Response
from testbench.simulate.physics.backgrounds import ORBIT_S, eclairs_background, grm_background
from testbench.simulate.physics.responses import (
    GRM,
    eclairs_response,
    grm_channels,
    grm_cosine,
    grm_response,
)


def _row(response: Response, energy_kev: float) -> Floats:
    row: Floats = response.matrix_cm2[np.searchsorted(response.energy_high_kev, energy_kev)]
    return row


def test_grm_resolves_sixteen_per_cent_at_60_kev() -> None:
    channels = grm_channels()
    row = _row(grm_response("GRD01", 0.0, 0.0), 60.0) / (channels.e_max_kev - channels.e_min_kev)
    above = np.flatnonzero(row > 0.5 * row.max())
    width = channels.e_max_kev[above[-1]] - channels.e_min_kev[above[0]]
    assert width / 60.0 == pytest.approx(0.16, abs=0.03)


def test_grm_has_a_photopeak_and_a_compton_continuum_that_ends_at_its_edge() -> None:
    channels = grm_channels()
    row = _row(grm_response("GRD01", 0.0, 0.0), 1000.0)
    density = row / (channels.e_max_kev - channels.e_min_kev)
    middle = 0.5 * (channels.e_min_kev + channels.e_max_kev)
    edge = 1000 * 2 * 1000 / (511 + 2 * 1000)
    assert density[np.argmin(abs(middle - 1000))] > density[np.argmin(abs(middle - 950))]
    plateau = density[(middle > 200) & (middle < 0.8 * edge)]
    assert plateau.std() < 0.05 * plateau.mean()


def test_effective_areas_are_those_of_the_instruments() -> None:
    ecl, grm = eclairs_response(0.0), grm_response("GRD01", 30.0, 0.0)
    for energy in (20.0, 40.0, 60.0):
        assert 340 < _row(ecl, energy).sum() < 410
    assert 180 < _row(grm, 100.0).sum() <= 200
    assert _row(ecl, 150.0).sum() < 200
    assert _row(grm, 1000.0).sum() < 80


def test_detectors_lean_thirty_degrees_and_share_the_sky_evenly() -> None:
    assert grm_cosine("GRD02", 30.0, 120.0) == pytest.approx(1.0)
    on_axis = [grm_cosine(name, 0.0, 0.0) for name in GRM]
    np.testing.assert_allclose(on_axis, np.cos(np.radians(30)))
    assert grm_cosine("GRD01", 90.0, 180.0) == 0.0


def test_sizes_are_those_of_the_mission() -> None:
    assert grm_response("GRD01", 0.0, 0.0).matrix_cm2.shape == (300, 259)
    assert eclairs_response(0.0).matrix_cm2.shape == (140, 300)


def test_nothing_reaches_eclairs_from_outside_its_field_of_view() -> None:
    assert eclairs_response(55.0).matrix_cm2.max() == 0.0


def test_backgrounds_have_their_rates() -> None:
    ecl, grm = eclairs_background(0.0), grm_background((0.1, 0.2))
    assert ecl.per_channel_hz.sum() == pytest.approx(3000)
    assert grm.per_channel_hz.sum() == pytest.approx(1400, rel=1e-3)
    assert ecl.relative(np.array([0.5 * ORBIT_S]))[0] == pytest.approx(0.3)
    assert grm.relative(np.array([600.0]))[0] == pytest.approx(1.3)


def test_the_annihilation_line_stands_out_of_the_grm_background() -> None:
    channels, rate = grm_channels(), grm_background((0.0, 0.0)).per_channel_hz
    density = rate / (channels.e_max_kev - channels.e_min_kev)
    near = [np.argmin(abs(channels.e_min_kev - e)) for e in (430, 511, 600)]
    assert density[near[1]] > 1.2 * density[near[0]]
    assert density[near[1]] > 1.2 * density[near[2]]


def test_background_counts_are_the_integral_of_the_rate() -> None:
    ecl = eclairs_background(0.8)
    fine = np.linspace(-100, 200, 300_001)
    expected = 3000 * ecl.relative(fine).mean() * 300
    assert ecl.counts(np.array([[-100.0, 200.0]])).sum() == pytest.approx(expected, rel=1e-5)
