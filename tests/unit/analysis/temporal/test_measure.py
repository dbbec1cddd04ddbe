from dataclasses import replace

import numpy as np
import pytest
from msgspec.structs import replace as replace_choice

from eclgrmd.analysis.burst import measure
from eclgrmd.errors import InputError
from eclgrmd.formats.read.events import select_good_times
from eclgrmd.model.configuration.sections import BackgroundChoice, DurationChoice, TaskConfiguration
from eclgrmd.model.flags import texts
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, History, LightCurve
from testbench.accuracy.temporal import simulate
from tests.support.present import present
from tests.unit.analysis.temporal.simulated import Pulse, events, light_curve, observation

QUICK = TaskConfiguration(duration=DurationChoice(bootstrap=300))


def nothing(rng: np.random.Generator) -> LightCurve:
    return light_curve(Pulse(counts=0.0), rng)


def test_durations_agree_with_the_truth_within_their_errors() -> None:
    pulse = Pulse()
    found = measure(observation(events(pulse, np.random.default_rng(1))), QUICK).durations[0]
    for width, fraction in ((found.t90, 0.9), (found.t50, 0.5)):
        start, stop = pulse.width(fraction)
        assert width.value_s is not None
        assert width.err_plus_s is not None
        assert width.err_minus_s is not None
        error = max(width.err_plus_s, width.err_minus_s)
        assert width.value_s == pytest.approx(stop - start, abs=3.0 * error)
        assert error < 0.1 * (stop - start)
        assert width.start_s == pytest.approx(start, abs=0.2)
    assert present(found.net_counts).value == pytest.approx(pulse.counts, rel=0.05)
    assert texts(found.flags) == ()


def test_a_light_curve_gives_the_same_result_as_its_events() -> None:
    pulse = Pulse()
    curve = light_curve(pulse, np.random.default_rng(2))
    found = measure(observation(curves=(curve,)), QUICK).durations[0]
    start, stop = pulse.width(0.9)
    assert found.t90.value_s == pytest.approx(stop - start, rel=0.1)


def test_a_net_light_curve_with_gaussian_errors_is_measured_too() -> None:
    pulse, rng = Pulse(counts=4000.0), np.random.default_rng(3)
    edges = np.arange(-50.0, 150.0, 0.25)
    error = np.full(len(edges) - 1, 12.0)
    curve = LightCurve(
        instrument=Instrument.BAT,
        detectors=("BAT",),
        band_kev=(15.0, 350.0),
        start_s=edges[:-1],
        stop_s=edges[1:],
        counts=np.diff(pulse.cumulative(edges)) + rng.normal(0.0, error),
        exposure_s=np.diff(edges),
        error=error,
        background_subtracted=True,
    )
    found = measure(observation(curves=(curve,)), QUICK).durations[0]
    start, stop = pulse.width(0.9)
    assert found.t90.value_s == pytest.approx(stop - start, rel=0.25)


def test_no_burst_gives_an_upper_limit_and_no_number() -> None:
    curve = nothing(np.random.default_rng(4))
    analysis = measure(observation(curves=(curve,)), QUICK)
    found = analysis.durations[0]
    assert found.t90.value_s is None
    assert found.t100_s is None
    assert "no significant excess" in texts(found.flags)
    assert found.upper_limit_counts is not None
    assert 50.0 < found.upper_limit_counts < 300.0
    assert analysis.t100_s is None


@pytest.mark.parametrize("seed", [30036, 30115])
def test_the_quiet_time_beside_a_burst_is_not_taken_for_a_part_of_it(seed: int) -> None:
    truth, _, data = simulate(seed)
    found = measure(data, QUICK).durations[0]
    assert found.t100_s is not None
    assert found.t100_s[0] > -1.0
    assert found.t100_s[1] < 2.0 * truth.width(0.9)


def test_data_that_end_in_the_burst_are_flagged() -> None:
    short = events(Pulse(), np.random.default_rng(5), gti_s=((-50.0, 8.0),))
    found = measure(observation(short), QUICK).durations[0]
    assert "truncated at the end of the data" in texts(found.flags)


@pytest.mark.parametrize(
    ("gti_s", "flag"),
    [
        (((-50.0, 8.0), (100.0, 150.0)), "truncated by a gap at its end"),
        (((-50.0, -20.0), (5.0, 150.0)), "truncated by a gap at its start"),
    ],
)
def test_a_burst_that_a_gap_cuts_is_flagged_though_other_data_follow_or_precede(
    gti_s: tuple[tuple[float, float], ...], flag: str
) -> None:
    broken = events(Pulse(counts=60_000.0), np.random.default_rng(7), gti_s=gti_s)
    found = measure(observation(broken), QUICK).durations[0]
    assert flag in texts(found.flags)
    assert "durations are lower limits" in texts(found.flags)


def test_a_gap_away_from_the_burst_or_a_short_one_beside_it_cuts_nothing() -> None:
    gti_s = ((-50.0, -20.0), (-19.0, 80.0), (90.0, 150.0))
    whole = events(Pulse(counts=60_000.0), np.random.default_rng(8), gti_s=gti_s)
    flags = texts(measure(observation(whole), QUICK).durations[0].flags)
    assert not [flag for flag in flags if flag.startswith("truncated")]


def test_a_gap_in_the_burst_is_bridged_and_flagged() -> None:
    pulse = Pulse(counts=60_000.0)
    broken = events(pulse, np.random.default_rng(6), gti_s=((-50.0, 6.0), (7.0, 150.0)))
    found = measure(observation(broken), QUICK).durations[0]
    assert "gap in the burst" in texts(found.flags)
    start, stop = pulse.width(0.9)
    assert found.t90.value_s == pytest.approx(stop - start, rel=0.1)


def test_an_undeclared_gap_is_found() -> None:
    lists = events(Pulse(counts=60_000.0), np.random.default_rng(7))
    keep = (lists.time_s < 6.0) | (lists.time_s > 6.6)
    broken = select_good_times(
        replace(lists, time_s=lists.time_s[keep], channel=lists.channel[keep])
    )
    assert "gap in the burst" in texts(measure(observation(broken), QUICK).durations[0].flags)


def test_dead_time_is_corrected() -> None:
    pulse, rng = Pulse(), np.random.default_rng(8)
    lists = events(pulse, rng)
    slow = type(lists)(
        lists.instrument,
        lists.detector,
        lists.time_s,
        lists.channel,
        lists.channels,
        lists.gti_s,
        dead_time_s=1e-4,
    )
    plain, dead = (measure(observation(x), QUICK).durations[0] for x in (lists, slow))
    before, after = (present(present(each.net_counts).value) for each in (plain, dead))
    assert after > 1.05 * before


def test_detectors_are_summed_and_every_one_gets_its_own_background() -> None:
    rng = np.random.default_rng(9)
    lists = [events(Pulse(counts=3000.0), rng, detector=f"GRD0{k}") for k in (1, 2, 3)]
    analysis = measure(observation(*lists), QUICK)
    assert analysis.durations[0].detectors == ("GRD01", "GRD02", "GRD03")
    assert present(analysis.durations[0].net_counts).value == pytest.approx(9000.0, rel=0.1)
    assert [fit.detector for fit in analysis.backgrounds] == ["GRD01", "GRD02", "GRD03"]
    fit = analysis.backgrounds[1]
    assert fit.coefficients.shape[0] == 4
    rate = fit.summed().counts(np.array([0.0]), np.array([10.0]), np.array([10.0]))
    assert rate[0, 0] == pytest.approx(8000.0, rel=0.02)


def test_bgo_detectors_stay_out_of_the_reference() -> None:
    rng = np.random.default_rng(10)
    lists = [
        events(Pulse(), rng, detector=name, instrument=Instrument.GBM) for name in ("n3", "b0")
    ]
    analysis = measure(observation(*lists), QUICK)
    assert analysis.durations[0].detectors == ("n3",)
    assert sorted(fit.detector for fit in analysis.backgrounds) == ["b0", "n3"]
    assert "b0 not counted: a BGO detector" in texts(analysis.durations[0].flags)


def short_and_long() -> tuple[list[EventList], History]:
    """Return event lists too short for a background, one of which ends early, and a history."""
    rng, pulse = np.random.default_rng(20), Pulse(start_s=0.0, rise_s=0.1, fall_s=0.3)
    spans = ((-1.0, 3.0), (-1.0, 0.2), (-1.0, 3.0))
    lists = [events(pulse, rng, detector=f"LAD{k}", gti_s=(s,)) for k, s in enumerate(spans)]
    edges = np.arange(-50.0, 100.0, 0.064)
    expected = np.diff(pulse.cumulative(edges)) + 100.0 * np.diff(edges)
    channels = lists[0].channels
    assert channels is not None
    counts = rng.poisson(np.repeat(expected[:, None] / 4.0, 4, axis=1)).astype(float)
    return lists, History(
        Instrument.GRM, "LAD012", edges[:-1], edges[1:], counts, np.diff(edges), channels
    )


def test_events_without_background_give_way_to_a_history() -> None:
    lists, history = short_and_long()
    data = replace(observation(*lists), histories=(history,))
    found = measure(data, QUICK).durations[0]
    start, stop = Pulse(start_s=0.0, rise_s=0.1, fall_s=0.3).width(0.9)
    assert found.detectors == ("LAD012",)
    assert found.t90.value_s == pytest.approx(stop - start, rel=0.15)


def test_a_detector_that_recorded_much_less_than_others_is_not_summed() -> None:
    lists, _ = short_and_long()
    assert measure(observation(*lists), QUICK).durations[0].detectors == ("LAD0", "LAD2")


def test_the_most_significant_instrument_comes_first() -> None:
    rng = np.random.default_rng(11)
    weak = events(Pulse(counts=1500.0), rng, detector="A", instrument=Instrument.OTHER)
    strong = events(Pulse(counts=20_000.0), rng)
    analysis = measure(observation(weak, strong), QUICK)
    assert [m.instrument for m in analysis.durations] == [Instrument.GRM, Instrument.OTHER]
    assert analysis.t100_s == analysis.durations[0].t100_s


def test_given_intervals_order_and_window_are_obeyed() -> None:
    configuration = TaskConfiguration(
        background=BackgroundChoice(mode="intervals", intervals_s=((-40, -10), (70, 120)), order=1),
        duration=DurationChoice(t_min_s=0.0, t_max_s=20.0, bootstrap=100, bin_s=0.25),
    )
    found = measure(observation(events(Pulse(), np.random.default_rng(12))), configuration)
    reference = found.durations[0]
    assert reference.background_fit is not None
    assert reference.background_fit.intervals_s.tolist() == [[-40.0, -10.0], [70.0, 120.0]]
    assert reference.background_fit.order == 1
    assert reference.t100_s is not None
    assert reference.t100_s[1] <= 20.0
    assert np.diff(reference.curve.start_s)[0] == pytest.approx(0.25)


def test_given_intervals_on_both_sides_hold_neither_the_burst_nor_its_tails() -> None:
    first, second = Pulse(fall_s=3.0), Pulse(start_s=60.0, fall_s=3.0)
    rng = np.random.default_rng(12)
    with_background, alone = events(first, rng), events(second, rng, rate=0.0)
    time = np.concatenate([with_background.time_s, alone.time_s])
    channel = np.concatenate([with_background.channel, alone.channel])
    order = np.argsort(time)
    data = observation(replace(with_background, time_s=time[order], channel=channel[order]))
    blind = measure(data, QUICK).durations[0]
    choice = BackgroundChoice(mode="intervals", intervals_s=((-40, -10), (25, 45)), order=0)
    given = measure(data, replace_choice(QUICK, background=choice)).durations[0]
    start, stop = first.width(0.9)
    assert blind.t100_s is not None
    assert blind.t100_s[1] > 60.0
    assert given.t100_s is not None
    assert given.t100_s[1] <= 25.0
    assert given.cumulative is not None
    assert given.cumulative.time_s[[0, -1]] == pytest.approx([-10.0, 25.0], abs=0.2)
    assert given.t90.value_s == pytest.approx(stop - start, rel=0.1)


def test_the_same_seed_gives_the_same_errors() -> None:
    data = observation(events(Pulse(), np.random.default_rng(13)))
    first, again = (measure(data, QUICK).durations[0].t90 for _ in range(2))
    assert first == again


def test_a_short_burst_is_measured_in_finer_bins() -> None:
    pulse = Pulse(start_s=0.1, rise_s=0.01, fall_s=0.05, counts=2000.0)
    found = measure(observation(events(pulse, np.random.default_rng(14))), QUICK).durations[0]
    start, stop = pulse.width(0.9)
    assert found.t90.value_s == pytest.approx(stop - start, rel=0.2)
    assert np.diff(found.curve.start_s).min() < 0.01


def test_a_band_without_channels_is_refused() -> None:
    configuration = TaskConfiguration(duration=DurationChoice(band_kev=(1.0, 5.0)))
    with pytest.raises(InputError, match="no channel lies by more than half inside"):
        measure(observation(events(Pulse(), np.random.default_rng(15))), configuration)


def test_nothing_to_measure_is_refused() -> None:
    with pytest.raises(InputError, match="nothing to measure"):
        measure(observation(), QUICK)
