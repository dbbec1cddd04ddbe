"""The template of other orbits: the mean of the rates at the same phase before and after."""

from dataclasses import replace

import numpy as np
import pytest

from eclgrmd.analysis.temporal.background.fit import fit_background
from eclgrmd.analysis.temporal.background.physics.other_orbits import period_of
from eclgrmd.analysis.temporal.background.physics.templates import templates_of
from eclgrmd.model.configuration.sections import BackgroundChoice
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Channels, Floats, History, Observation, Orbit
from testbench.simulate.physics.satellite import PERIOD_S, Satellite

SATELLITE = Satellite(0.4, np.radians(26.0), 1.0, 2.0, -0.3, 0.7, 0.5)
TIME_S = np.arange(-7000.0, 8000.0, 30.0)
ORBIT = Orbit(TIME_S, SATELLITE.position_km(TIME_S))
_NEAR = np.abs(TIME_S) < 1500.0
SHORT = Orbit(TIME_S[_NEAR], ORBIT.position_km[_NEAR])
CHANNELS = Channels(np.array([0, 1]), np.array([10.0, 100.0]), np.array([100.0, 1000.0]))
SPAN_S = (-500.0, 1000.0)


def rate(time_s: Floats) -> Floats:
    """Return a rate that has the period of the orbit and rises by a tenth in a day."""
    wave = 1.0 + 0.3 * np.sin(2.0 * np.pi * time_s / PERIOD_S + 0.7)
    return np.asarray(500.0 * wave * (1.0 + 0.1 * time_s / 86_400.0))


def days(orbits: tuple[int, ...], detector: str = "n3", seed: int = 1) -> History:
    """Return bins of 64 s, 1,500 s about the given numbers of orbits from t0."""
    start = np.unique(
        np.concatenate(
            [np.floor((k * PERIOD_S + np.arange(-700.0, 1300.0, 64.0)) / 64.0) * 64.0
             for k in orbits]
        )
    )  # fmt: skip
    counts = np.random.default_rng(seed).poisson(64.0 * rate(start + 32.0))
    both = np.column_stack([counts, np.full(len(start), 64_000.0)])
    return History(
        Instrument.GBM, detector, start, start + 64.0, both, np.full(len(start), 64.0), CHANNELS
    )


def observation(*histories: History) -> Observation:
    return Observation(
        BurstId("b"), "2008-09-16T00:12:45", 0.0, orbit=ORBIT, other_orbits=histories
    )


def template(seen: Observation, *detectors: str) -> tuple[Floats | None, tuple[str, ...]]:
    found, flags = templates_of(
        seen, BackgroundChoice(), Instrument.GBM, detectors, SPAN_S, (10.0, 100.0)
    )
    values = [(each.time_s, each.value) for each in found if each.name == "orbits"]
    told = tuple(text for text in texts(flags) if "attitude" not in text)
    if not values:
        return None, told
    time_s, value = values[0]
    truth = rate(time_s) / rate(time_s).mean()
    # two bins of 64 s with 32,000 counts each
    assert value == pytest.approx(truth - 1.0, abs=0.02)
    return value, told


def test_the_period_is_that_of_whole_turns() -> None:
    assert period_of(ORBIT) == pytest.approx(PERIOD_S, rel=1e-5)
    assert period_of(SHORT) is None


@pytest.mark.parametrize("orbits", [(-30, 30), (-16, -14, 14, 16), (-30, -16, -14, 14, 16)])
def test_the_template_is_the_mean_of_rates_before_and_after(orbits: tuple[int, ...]) -> None:
    value, told = template(observation(days(orbits)), "n3")
    assert value is not None
    assert told == ()
    both = observation(days(orbits), days(orbits, "n4", seed=2))
    assert template(both, "n3", "n4")[0] is not None


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (observation(days((-30, 29))), "the data do not cover 30 orbits before and after"),
        (observation(days((-30, 30), "n4")), "no data of other orbits of n3"),
        (replace(observation(days((-30, 30))), orbit=SHORT), "shorter than a turn"),
    ],
)
def test_other_orbits_that_cannot_be_used_are_flagged(seen: Observation, reason: str) -> None:
    value, told = template(seen, "n3")
    assert value is None
    assert [reason in text for text in told] == [True]


def test_a_long_burst_is_bridged_with_smaller_errors_that_hold() -> None:
    found, _ = templates_of(
        replace(observation(days((-30, 30))), t0_utc=""),
        BackgroundChoice(), Instrument.GBM, ("n3",), SPAN_S, (10.0, 100.0),
    )  # fmt: skip
    assert [each.name for each in found] == ["orbits"]
    start = np.arange(*SPAN_S, 4.0)
    live = np.full(len(start), 4.0)
    burst = (start >= 0.0) & (start < 400.0)
    sides = np.array([[-500.0, 0.0], [400.0, 1000.0]])
    expected = rate(start + 2.0) * 4.0
    rng = np.random.default_rng(7)
    pulls, ratios = [], []
    for _ in range(40):
        counts = rng.poisson(expected).astype(float)[:, None]
        plain, orbital = (
            fit_background(
                Instrument.GBM, "n3", start, start + 4.0, counts, live, sides, templates=each
            ).total(start[burst], start[burst] + 4.0, live[burst])
            for each in ((), found)
        )
        pulls.append(float((orbital[0][0] - expected[burst].sum()) / orbital[1][0]))
        ratios.append(float(orbital[1][0] / plain[1][0]))
    assert np.median(ratios) < 0.6
    assert np.mean(np.abs(pulls) < 1.0) > 0.5
    assert np.abs(pulls).max() < 3.5
