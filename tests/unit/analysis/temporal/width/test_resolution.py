"""The errors of durations include the widths of the first and the last bin."""

import numpy as np
import pytest

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.temporal.width.resolution import with_bin_errors
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.flags import FlagCode
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import EventList, LightCurve, Observation
from eclgrmd.model.result import Width
from tests.support.present import present

QUICK = TaskConfiguration(duration=DurationChoice(bootstrap=200))


def flagged(bin_s: float, lasts_s: float) -> bool:
    """Return whether a burst in such bins has the flag of bins that do not resolve it."""
    of = Observation(BurstId("b"), "", 0.0, light_curves=(box(bin_s, 0.0, 1, lasts_s=lasts_s),))
    [found] = measure(of, QUICK).durations
    return FlagCode.COARSE_BINS in {flag.code for flag in found.flags}


def box(bin_s: float, start_s: float, seed: int, *, lasts_s: float = 7.0) -> LightCurve:
    """Return a burst of 400 counts/s with sharp edges over 100 counts/s."""
    edges = np.arange(-60.0, 80.0 + 1e-6, bin_s)
    low, high = edges[:-1], edges[1:]
    on = np.clip(np.minimum(high, start_s + lasts_s) - np.maximum(low, start_s), 0.0, None)
    counts = np.random.default_rng(seed).poisson(100.0 * bin_s + 4000.0 * on).astype(float)
    return LightCurve(
        Instrument.OTHER, ("d",), (10.0, 100.0), low, high, counts, np.full(len(low), bin_s)
    )


@pytest.mark.parametrize("bin_s", [2.0, 1.0])
def test_errors_hold_the_truth_whatever_the_phase_of_the_bins(bin_s: float) -> None:
    pulls: dict[str, list[float]] = {"t90": [], "t90_inside_t100": [], "start": [], "stop": []}
    for seed, start in enumerate(np.linspace(0.0, bin_s, 12, endpoint=False)):
        curve = box(bin_s, float(start), seed)
        of = Observation(BurstId("b"), "", 0.0, light_curves=(curve,))
        [found] = measure(of, QUICK).durations
        inside = present(found.t90_inside_t100)
        for name, width in (("t90", found.t90), ("t90_inside_t100", inside)):
            err_minus_s, err_plus_s = present(width.err_minus_s), present(width.err_plus_s)
            assert min(err_minus_s, err_plus_s) >= bin_s / 12**0.5
            off = present(width.value_s) - 0.9 * 7.0
            pulls[name].append(off / (err_minus_s if off > 0 else err_plus_s))
        for name, time, error, true in (
            ("start", found.t90.start_s, found.t90.start_err_minus_s, start + 0.05 * 7.0),
            ("stop", found.t90.stop_s, found.t90.stop_err_plus_s, start + 0.95 * 7.0),
        ):
            assert present(error) >= bin_s / 12**0.5
            pulls[name].append((present(time) - true) / present(error))
    for name, values in pulls.items():
        assert np.sqrt(np.mean(np.square(values))) < 1.4, name
        assert np.max(np.abs(values)) < 3.0, name


def test_fine_bins_add_next_to_nothing() -> None:
    of = Observation(BurstId("b"), "", 0.0, light_curves=(box(0.016, 0.3, 7),))
    [found] = measure(of, QUICK).durations
    assert found.t90.value_s == pytest.approx(6.3, abs=0.05)
    assert present(found.t90.err_plus_s) < 0.05


def test_a_crossing_in_a_gap_is_as_uncertain_as_the_gap() -> None:
    start = np.array([0.0, 1.0, 5.0, 6.0])
    one = np.ones(4)
    curve = LightCurve(Instrument.OTHER, ("d",), None, start, start + 1.0, one, one)
    width = Width(2.5, 0.3, 0.4, 0.5, 3.0, 0.3, 0.3, 0.4, 0.4, (1.5, 3.5))
    found = with_bin_errors(width, curve)
    of_bin, of_gap = 1.0 / 12.0, 9.0 / 12.0  # squares: a bin of 1 s, a gap from 2 to 5 s
    assert found.start_err_minus_s == pytest.approx((0.3**2 + of_bin) ** 0.5)
    assert found.stop_err_plus_s == pytest.approx((0.4**2 + of_gap) ** 0.5)
    assert found.err_minus_s == pytest.approx((0.3**2 + of_bin + of_gap) ** 0.5)
    assert found.interval95_s == pytest.approx(
        (2.5 - (1.0 + 4.0 * (of_bin + of_gap)) ** 0.5, 2.5 + (1.0 + 4.0 * (of_bin + of_gap)) ** 0.5)
    )


def test_bins_made_of_events_are_as_good_as_the_events() -> None:
    start = np.array([0.0, 1.0, 5.0, 6.0])
    one = np.ones(4)
    fine = LightCurve(
        Instrument.OTHER, ("d",), None, start, start + 1.0, one, one, resolution_s=0.1
    )
    width = Width(2.5, 0.3, 0.4, 0.5, 3.0, 0.3, 0.3, 0.4, 0.4, (1.5, 3.5))
    found = with_bin_errors(width, fine)
    assert found.start_err_minus_s == pytest.approx((0.3**2 + 0.1**2 / 12.0) ** 0.5)
    assert found.stop_err_plus_s == pytest.approx((0.4**2 + 9.0 / 12.0) ** 0.5)


@pytest.mark.parametrize(("bin_s", "known_s"), [(None, 0.0), (1.0, None)])
def test_bins_that_somebody_asked_for_count_as_they_are(
    bin_s: float | None, known_s: float | None
) -> None:
    rng = np.random.default_rng(8)
    time = np.sort(np.concatenate([rng.uniform(-60.0, 80.0, 14000), rng.uniform(0.0, 7.0, 2800)]))
    events = EventList(
        Instrument.OTHER, "d", time, np.zeros(len(time), int), None, np.array([[-60.0, 80.0]])
    )
    choice = DurationChoice(bootstrap=100, bin_s=bin_s)
    of = Observation(BurstId("b"), "", 0.0, events=(events,))
    [found] = measure(of, TaskConfiguration(duration=choice)).durations
    assert found.curve.resolution_s == known_s
    assert (present(found.t90.err_plus_s) > 1.0 / 6.0**0.5) == (bin_s is not None)


def test_a_burst_of_few_bins_is_flagged() -> None:
    assert flagged(2.0, 7.0)
    assert not flagged(1.0, 7.0)
    assert not flagged(2.0, 20.0)
