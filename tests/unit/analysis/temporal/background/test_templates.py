"""Templates of the background from orbit and attitude, against slow and independent sums."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy import units
from astropy.io import fits
from astropy.time import Time
from scipy.integrate import quad

from eclgrmd.analysis.temporal.background.fit import fit_background
from eclgrmd.analysis.temporal.background.physics.earth import (
    angular_radius,
    covered_part,
    cutoff_rigidity_gv,
    sidereal_angle,
)
from eclgrmd.analysis.temporal.background.physics.templates import templates_of
from eclgrmd.analysis.temporal.background.physics.views import views_of
from eclgrmd.analysis.temporal.background.template import Template, TemplateName
from eclgrmd.model.configuration.sections import BackgroundChoice
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Attitude, Floats, Observation, Orbit

ECL = Instrument.ECLAIRS
HEIGHT_KM, PERIOD_S = 6991.0, 5818.0
UTC = "2026-11-03T12:00:00"
START = np.arange(-500.0, 1000.0, 5.0)
STOP = START + 5.0
LIVE = np.full(len(START), 5.0)


def satellite(phase: float = 1.9) -> Observation:
    """Return a satellite on an equatorial circle that points +z of its own to +x of the sky."""
    time_s = np.arange(-600.0, 1100.0, 10.0)
    angle = 2.0 * np.pi * time_s / PERIOD_S + phase
    position = HEIGHT_KM * np.column_stack([np.cos(angle), np.sin(angle), 0.0 * angle])
    half = np.sqrt(0.5)
    turn = np.tile([0.0, half, 0.0, half], (len(time_s), 1))  # 90 degrees about y: z to x
    return Observation(
        BurstId("b"), UTC, 0.0, orbit=Orbit(time_s, position), attitude=Attitude(time_s, turn)
    )


def naive_part(separation: float, radius: float, angle: Floats, weight: Floats) -> float:
    """Sum a field of view over 400,000 directions of a spiral on the sphere."""
    n = 400_000
    z = 1.0 - (2.0 * np.arange(n) + 1.0) / n
    azimuth = np.pi * (3.0 - np.sqrt(5.0)) * np.arange(n)
    side = np.sqrt(1.0 - z * z)
    behind = side * np.cos(azimuth) * np.sin(separation) + z * np.cos(separation) > np.cos(radius)
    seen = np.interp(np.arccos(z), angle, weight, right=0.0)
    return float(seen[behind].sum() / seen.sum())


@pytest.mark.parametrize("instrument", [ECL, Instrument.GRM])
@pytest.mark.parametrize("separation_deg", [0.0, 40.0, 75.0, 100.0, 125.0, 180.0])
def test_the_covered_part_is_the_sum_over_the_sky(
    instrument: Instrument, separation_deg: float
) -> None:
    (view,) = views_of(instrument, ("d",))
    separation, radius = np.radians(separation_deg), angular_radius(np.array([HEIGHT_KM]))
    part = covered_part(np.array([separation]), radius, view.angle, view.weight, view.reach)
    naive = naive_part(separation, float(radius[0]), view.angle, view.weight)
    assert part[0] == pytest.approx(naive, abs=2e-3)


def test_the_mask_gives_the_2_sr_of_eclairs() -> None:
    (view,) = views_of(ECL, ("ECL",))
    # the weight is averaged over azimuth: the corners of the square field reach further
    assert np.degrees(view.reach) == pytest.approx(54.0, abs=1.0)
    assert angular_radius(np.array([HEIGHT_KM]))[0] == pytest.approx(np.arcsin(6371.0 / 6991.0))


def test_the_sidereal_angle_is_that_of_astropy() -> None:
    time_s = np.array([0.0, 3600.0, 86400.0])
    moment = Time(UTC, scale="ut1") + time_s * units.s
    truth = moment.sidereal_time("mean", "greenwich", model="IAU1982").rad
    assert np.sin(sidereal_angle(UTC, time_s) - truth) == pytest.approx(np.zeros(3), abs=2e-4)


def test_real_shells_are_those_of_the_full_field_within_a_tenth(shared_data: Path) -> None:
    path = shared_data / "fermi-gbm" / "bn080916009" / "lat" / "gll_pt_bn080916009_v10.fit.gz"
    with fits.open(path) as hdus:
        rows = hdus["SC_DATA"].data
        position = np.asarray(rows["SC_POSITION"], dtype=float) / 1000.0
        shell = np.asarray(rows["L_MCILWAIN"], dtype=float)
        longitude = np.radians(np.asarray(rows["LON_GEO"], dtype=float))
        start = np.asarray(rows["START"])
    zero = Time(51910, 7.428703703703703e-4, format="mjd", scale="tt").utc.isot
    sidereal = sidereal_angle(zero, start)
    east = np.arctan2(position[:, 1], position[:, 0]) - sidereal
    assert np.abs(np.degrees(np.angle(np.exp(1j * (east - longitude))))).max() < 0.02
    ours = np.sqrt(14.9 / cutoff_rigidity_gv(position, sidereal))
    assert np.abs(ours / shell - 1.0).max() < 0.1
    assert np.corrcoef(ours, shell)[0, 1] > 0.7


def test_a_template_is_averaged_over_bins_exactly() -> None:
    template = Template(TemplateName.EARTH, np.array([0.0, 4.0, 9.0]), np.array([1.0, 5.0, -5.0]))
    start, stop = np.array([-3.0, 1.0, 3.0, 8.0, 20.0]), np.array([-1.0, 2.0, 7.0, 12.0, 30.0])
    for low, high, mean in zip(start, stop, template.mean(start, stop), strict=True):
        truth = quad(np.interp, low, high, args=(template.time_s, template.value), points=[4, 9])
        assert mean == pytest.approx(truth[0] / (high - low), abs=1e-6)


def test_templates_are_those_of_the_geometry() -> None:
    (earth, magnetic), flags = templates_of(
        satellite(), BackgroundChoice(), ECL, ("ECL",), (-500.0, 1000.0)
    )
    assert flags == ()
    (view,) = views_of(ECL, ("ECL",))
    # at a phase of 0 the axis looks away from the Earth, which nears it by the angle of the orbit
    separation = np.pi - 1.9 - 2.0 * np.pi * earth.time_s / PERIOD_S
    radius = angular_radius(np.full(len(separation), HEIGHT_KM))
    part = covered_part(separation, radius, view.angle, view.weight, view.reach)
    assert earth.value == pytest.approx(part - part.mean(), abs=1e-3)
    assert (earth.name, magnetic.name) == (TemplateName.EARTH, TemplateName.GEOMAGNETIC)
    assert abs(magnetic.value.mean()) < 1e-9


def test_another_axis_of_the_satellite_looks_elsewhere() -> None:
    """The turn of `satellite` leaves y as it is, and takes x out of the plane of the orbit."""
    choice = BackgroundChoice(axis="y")
    (earth, _), _ = templates_of(satellite(), choice, ECL, ("ECL",), (-500.0, 1000.0))
    (view,) = views_of(ECL, ("ECL",))
    separation = np.arccos(-np.sin(1.9 + 2.0 * np.pi * earth.time_s / PERIOD_S))
    radius = angular_radius(np.full(len(separation), HEIGHT_KM))
    part = covered_part(separation, radius, view.angle, view.weight, view.reach)
    assert earth.value == pytest.approx(part - part.mean(), abs=1e-3)

    choice = BackgroundChoice(axis="x")
    found, _ = templates_of(satellite(), choice, ECL, ("ECL",), (-500.0, 1000.0))
    assert [template.name for template in found] == ["geomagnetic"], "the same part all the time"


def turning_with_the_earth(observation: Observation) -> Observation:
    orbit = observation.orbit
    assert orbit is not None
    angle = -2.0 * np.pi * orbit.time_s / 86164.0
    x, y, z = orbit.position_km.T
    turned = [np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y, z]
    return replace(observation, orbit=Orbit(orbit.time_s, np.column_stack(turned)))


@pytest.mark.parametrize(
    ("observation", "choice", "names", "reason"),
    [
        (replace(satellite(), attitude=None), BackgroundChoice(), ["geomagnetic"], "the attitude"),
        (replace(satellite(), t0_utc=""), BackgroundChoice(), ["earth"], "no absolute time"),
        (turning_with_the_earth(satellite()), BackgroundChoice(), [], "inertial coordinates"),
        (satellite(), BackgroundChoice(order=2), [], "polynomial of a given order"),
        (satellite(), BackgroundChoice(templates="none"), [], ""),
        (replace(satellite(), orbit=None), BackgroundChoice(), [], ""),
    ],
)
def test_a_template_that_cannot_be_made_is_flagged_with_the_reason(
    observation: Observation, choice: BackgroundChoice, names: list[str], reason: str
) -> None:
    found, flags = templates_of(observation, choice, ECL, ("ECL",), (-500.0, 1000.0))
    assert [template.name for template in found] == names
    assert [reason in text for text in texts(flags)] == [True] * bool(reason)


def test_an_orbit_beside_the_data_or_with_a_gap_is_not_used() -> None:
    observation = satellite()
    orbit = observation.orbit
    assert orbit is not None
    for kept, reason in (
        (orbit.time_s < 500.0, "the orbit covers -600 to 490 s, the data -500 to 1000 s"),
        ((orbit.time_s < 0.0) | (orbit.time_s > 200.0), "the orbit has a gap of 220 s"),
    ):
        part = replace(observation, orbit=Orbit(orbit.time_s[kept], orbit.position_km[kept]))
        found, flags = templates_of(part, BackgroundChoice(), ECL, ("ECL",), (-500.0, 1000.0))
        assert found == ()
        assert [reason in text for text in texts(flags)] == [True]


def earth_of(phase: float = 1.9) -> Template:
    found, _ = templates_of(satellite(phase), BackgroundChoice(), ECL, ("ECL",), (-500.0, 1000.0))
    return found[0]


def test_a_gap_is_predicted_within_smaller_errors_that_hold() -> None:
    template = earth_of()
    rate = 3000.0 * (0.8 - 0.7 * template.mean(START, STOP))
    rng = np.random.default_rng(6)
    sides = np.array([[-500.0, 0.0], [200.0, 1000.0]])
    gap = (START >= 0.0) & (START < 200.0)
    truth = (rate * LIVE)[gap].sum()
    pulls, ratios = [], []
    for _ in range(60):
        counts = rng.poisson(rate * LIVE).astype(float)[:, None]
        plain, physical = (
            fit_background(ECL, "ECL", START, STOP, counts, LIVE, sides, templates=each)
            for each in ((), (template,))
        )
        assert physical.template_chances[0] > 0.99
        total, error = physical.total(START[gap], STOP[gap], LIVE[gap])
        pulls.append(float((total[0] - truth) / error[0]))
        ratios.append(error[0] / plain.total(START[gap], STOP[gap], LIVE[gap])[1][0])
    assert np.std(pulls) == pytest.approx(0.9, abs=0.3)
    assert np.median(ratios) < 0.3


def test_a_fit_finds_a_template_in_the_data_and_predicts_where_there_are_none() -> None:
    template = earth_of()
    rate = 3000.0 * (0.8 - 0.7 * template.mean(START, STOP))
    rng = np.random.default_rng(3)
    one_side = np.array([[-500.0, 0.0]])
    late = START >= 600.0
    pulls: dict[bool, list[float]] = {True: [], False: []}
    errors: dict[bool, list[float]] = {True: [], False: []}
    chances = []
    for _ in range(40):
        counts = rng.poisson(rate * LIVE).astype(float)[:, None]
        for given in (True, False):
            fit = fit_background(
                ECL, "ECL", START, STOP, counts, LIVE, one_side,
                templates=(template,) if given else (),
            )  # fmt: skip
            total, error = fit.total(START[late], STOP[late], LIVE[late])
            pulls[given].append(float((total - (rate * LIVE)[late].sum())[0] / error[0]))
            errors[given].append(float(error[0]))
            if given:
                chances.append(fit.template_chances[0])
    assert np.median(chances) > 0.8
    assert np.abs(pulls[True]).max() < 3.0
    assert np.median(errors[True]) < 0.5 * np.median(errors[False])


def test_a_template_that_the_data_do_not_show_is_not_preferred() -> None:
    template = earth_of()
    rng = np.random.default_rng(4)
    free = np.array([[-500.0, 0.0], [100.0, 1000.0]])
    chances = []
    for _ in range(20):
        counts = rng.poisson(3000.0 * LIVE).astype(float)[:, None]
        fit = fit_background(ECL, "ECL", START, STOP, counts, LIVE, free, templates=(template,))
        chances.append(fit.template_chances[0])
    assert np.median(chances) < 0.2


def test_a_background_with_templates_is_the_same_as_a_spline() -> None:
    template = earth_of()
    magnetic = Template(TemplateName.GEOMAGNETIC, template.time_s, np.sin(template.time_s / 500.0))
    rate = 3000.0 * (0.8 - 0.7 * template.mean(START, STOP))
    counts = np.random.default_rng(5).poisson(rate * LIVE).astype(float)[:, None]
    free = np.array([[-500.0, 0.0], [100.0, 1000.0]])
    fit = fit_background(
        ECL, "ECL", START, STOP, counts, LIVE, free, templates=(template, magnetic)
    )
    spline = fit.as_spline()
    bins = START, STOP, LIVE
    assert spline.templates == ()
    assert spline.degree == fit.degree == 1
    assert spline.counts(*bins) == pytest.approx(fit.counts(*bins), rel=1e-9)
    assert spline.errors(*bins) == pytest.approx(fit.errors(*bins), rel=1e-5)
    for each in (fit, spline):
        variance = np.square(each.modes(*bins)).sum(axis=0)
        assert np.sqrt(variance) == pytest.approx(fit.errors(*bins)[:, 0], rel=1e-4)
