from dataclasses import replace

import numpy as np
import pytest

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.temporal.curve.slews import find_slews
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.flags import texts
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Attitude, Criterion, Floats
from tests.unit.analysis.temporal.simulated import Pulse, events, light_curve, observation

QUICK = TaskConfiguration(duration=DurationChoice(bootstrap=300, character=False))


def turning(start_s: float, stop_s: float, angle_deg: float) -> Attitude:
    """Return an attitude for each second that rotates about one axis between two times."""
    time = np.arange(-100.0, 200.0)
    half = np.radians(0.5 * angle_deg * np.clip((time - start_s) / (stop_s - start_s), 0.0, 1.0))
    zero = np.zeros(len(time))
    return Attitude(time, np.column_stack([zero, zero, np.sin(half), np.cos(half)]))


def criterion(name: str, *gti_s: tuple[float, float]) -> Criterion:
    return Criterion(Instrument.GRM, name, np.array(gti_s))


def measured(
    pulse: Pulse,
    *criteria: Criterion,
    attitude: Attitude | None = None,
    gti_s: tuple[tuple[float, float], ...] = ((-50.0, 150.0),),
) -> DurationMeasurement:
    data = observation(events(pulse, np.random.default_rng(3), gti_s=gti_s))
    told = replace(data, criteria=criteria, attitude=attitude)
    return measure(told, QUICK).durations[0]


def background_s(found: DurationMeasurement) -> Floats:
    assert found.background_fit is not None
    return found.background_fit.intervals_s


def test_a_slew_is_found_where_the_satellite_turns() -> None:
    slews = find_slews(turning(30.0, 119.0, 45.0))
    assert slews == pytest.approx(np.array([[30.0, 119.0]]), abs=1.0)


def test_drift_along_the_orbit_and_a_jitter_are_no_slew() -> None:
    assert len(find_slews(turning(-100.0, 200.0, 0.06 * 300.0))) == 0
    assert len(find_slews(turning(10.0, 12.0, 1.0))) == 0
    assert len(find_slews(None)) == 0


def test_the_sign_of_a_quaternion_makes_no_slew() -> None:
    attitude = turning(30.0, 119.0, 45.0)
    signs = np.where(np.arange(len(attitude.time_s)) % 2, -1.0, 1.0)
    flipped = replace(attitude, quaternion=attitude.quaternion * signs[:, None])
    assert find_slews(flipped) == pytest.approx(find_slews(attitude))


def test_a_slew_in_the_burst_is_flagged_and_does_not_shape_the_background() -> None:
    found = measured(Pulse(), attitude=turning(10.0, 60.0, 40.0))
    assert "slew in the burst" in texts(found.flags)
    assert not ((background_s(found)[:, 0] < 59.0) & (background_s(found)[:, 1] > 11.0)).any()


def test_a_slew_long_after_the_burst_is_no_flag() -> None:
    found = measured(Pulse(), attitude=turning(100.0, 140.0, 40.0))
    assert "slew in the burst" not in texts(found.flags)


def test_the_cause_is_named_where_the_data_end_in_the_burst() -> None:
    whole = (-50.0, 150.0)
    found = measured(
        Pulse(),
        criterion("NSA", (-50.0, 8.0), (140.0, 150.0)),
        criterion("STA", whole),
        gti_s=((-50.0, 8.0),),
    )
    assert "truncated at the end of the data" in texts(found.flags)
    assert "truncated by: SAA" in texts(found.flags)
    unknown = measured(Pulse(), gti_s=((-50.0, 8.0),))
    assert not [flag for flag in texts(unknown.flags) if flag.startswith("truncated by")]


def test_the_cause_of_a_gap_in_the_burst_is_named() -> None:
    parts = ((-50.0, 5.0), (7.0, 150.0))
    found = measured(
        Pulse(), criterion("TLM", *parts), criterion("NSA", (-50.0, 150.0)), gti_s=parts
    )
    assert {"gap in the burst", "gap by: lost telemetry"} <= set(texts(found.flags))
    assert "gap by: SAA" not in texts(found.flags)


def test_the_earth_entering_the_field_of_view_is_flagged() -> None:
    enters = (criterion("NEO", (-50.0, 60.0)), criterion("PEO", (60.0, 150.0)))
    assert "the Earth crosses the field of view" in texts(measured(Pulse(), *enters).flags)
    stays = (criterion("PEO", (-50.0, 150.0)), criterion("NSA", (-50.0, 150.0)))
    assert "the Earth crosses the field of view" not in texts(measured(Pulse(), *stays).flags)


def test_the_background_keeps_off_the_anomaly() -> None:
    parts = ((-50.0, 100.0), (110.0, 150.0))
    found = measured(Pulse(), criterion("NSA", *parts), gti_s=parts)
    assert not ((background_s(found) > 90.5) & (background_s(found) < 119.5)).any()


def test_a_precursor_and_quiet_times_are_flagged() -> None:
    rng = np.random.default_rng(4)
    main = light_curve(Pulse(start_s=60.0, counts=20_000.0), rng)
    early = light_curve(Pulse(start_s=0.0, counts=2000.0, fall_s=2.0), rng, rate=0.0)
    both = replace(main, counts=main.counts + early.counts)
    flags = texts(measure(observation(curves=(both,)), QUICK).durations[0].flags)
    assert {"precursor", "several episodes"} <= set(flags)
    late = light_curve(Pulse(start_s=110.0, counts=2000.0, fall_s=2.0), rng, rate=0.0)
    after = replace(main, counts=main.counts + late.counts)
    flags = texts(measure(observation(curves=(after,)), QUICK).durations[0].flags)
    assert "several episodes" in flags
    assert "precursor" not in flags
