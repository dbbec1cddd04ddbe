"""A burst analysed packet by packet agrees with its truth and with the analysis of all data."""

import msgspec
import numpy as np
import pytest

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.quicklook.burst import GrowingBurst
from eclgrmd.analysis.quicklook.results import BurstSoFar, Progress
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Observation
from eclgrmd.model.quicklook.packet import LightCurvePacket, Packet
from tests.support.quicklook.packets import T0, box_sequence, packets


def followed(sequence: list[Packet]) -> list[BurstSoFar]:
    stream, found = GrowingBurst(), []
    for packet in sequence:
        stream.add(packet)
        so_far = stream.measure()
        if so_far is not None and so_far.instruments:
            found.append(so_far)
    return found


@pytest.fixture(scope="module")
def long_burst() -> list[BurstSoFar]:
    return followed(packets(box_sequence(1.0, 21.0, 800.0)))


def test_it_rises_then_ends_once(long_burst: list[BurstSoFar]) -> None:
    steps = [each.instruments[0].progress for each in long_burst]
    order = list(dict.fromkeys(steps))
    assert order == [Progress.NOTHING, Progress.RISING, Progress.QUIET, Progress.ENDED]
    first_end = steps.index(Progress.ENDED)
    assert set(steps[first_end:]) == {Progress.ENDED}
    ended = long_burst[first_end].instruments[0]
    assert 31.0 <= ended.until_s < 37.0


def test_t90_so_far_grows_to_the_truth(long_burst: list[BurstSoFar]) -> None:
    rising = [
        each.instruments[0]
        for each in long_burst
        if each.instruments[0].progress is Progress.RISING
    ]
    for one in rising[1:]:
        t90 = one.measurement.t90
        truth = 0.9 * (min(one.until_s, 21.0) - 1.0)
        assert t90.value_s is not None
        assert abs(t90.value_s - truth) < 5.0 * (t90.err_plus_s or 0.0) + 0.3
    last = long_burst[-1].instruments[0].measurement.t90
    assert last.value_s == pytest.approx(18.0, abs=0.6)


def test_the_class_is_not_short_while_it_rises(long_burst: list[BurstSoFar]) -> None:
    names = [each.classification.name for each in long_burst if each.classification]
    assert "short" not in names
    assert names[-1] == "long"


def test_a_short_burst_is_named_short_soon_after_its_end() -> None:
    found = followed(packets(box_sequence(0.1, 0.5, 4000.0)))
    named = next(f for f in found if f.classification and f.classification.name == "short")
    assert named.instruments[0].until_s < 6.0
    assert found[-1].instruments[0].measurement.t90.value_s == pytest.approx(0.36, abs=0.06)


def test_hardness_and_peak_rate_are_those_of_the_truth(long_burst: list[BurstSoFar]) -> None:
    last = long_burst[-1].instruments[0]
    assert last.hardness is not None
    ratio = last.hardness.ratio
    assert ratio.value == pytest.approx(1.0, abs=3.0 * (ratio.err_plus or 0.0))
    peak = last.peak_rates[-1]
    # the three bands above 15 keV hold 0.9 of the burst's 800 counts/s; noise raises the maximum
    assert peak.rate_counts_per_s.value is not None
    assert peak.bias_counts_per_s is not None
    assert peak.rate_counts_per_s.value - peak.bias_counts_per_s == pytest.approx(720.0, rel=0.08)


def test_the_final_answer_does_not_depend_on_the_order() -> None:
    sequence = packets(box_sequence(1.0, 9.0, 600.0))
    shuffled = [sequence[i] for i in np.random.default_rng(3).permutation(len(sequence))]
    answers = []
    for each in (sequence, shuffled, [*sequence, *sequence]):
        stream = GrowingBurst()
        for packet in each:
            stream.add(packet)
            stream.measure()
        final = stream.measure(final=True)
        assert final is not None
        answers.append(final.instruments[0].measurement)
    # only the origin of times may differ, by whole seconds, and with it the rounding
    first = answers[0]
    for other in answers[1:]:
        assert other.t90.value_s == pytest.approx(first.t90.value_s, rel=1e-9)
        assert other.t90.err_plus_s == pytest.approx(first.t90.err_plus_s, rel=1e-6)
        assert other.significance == pytest.approx(first.significance, rel=1e-9)


def test_after_the_burst_durations_are_measured_ever_less_often(
    long_burst: list[BurstSoFar],
) -> None:
    steps = [each.instruments[0] for each in long_burst if each.reference]
    measured_at_s = dict[int, float]()
    for one in steps:
        t100_s = one.found.finding.t100_s
        assert t100_s is not None
        quiet_s = one.until_s - t100_s[1]
        first_s = measured_at_s.setdefault(id(one.measurement), quiet_s)
        assert one.measurement.t100_s == t100_s
        assert quiet_s <= 1.5 * first_s
    rising = sum(one.progress is Progress.RISING for one in steps)
    assert rising <= len(measured_at_s) < rising + 0.6 * (len(steps) - rising)


def test_it_agrees_with_the_analysis_of_the_whole_curve(long_burst: list[BurstSoFar]) -> None:
    last = long_burst[-1].instruments[0].measurement
    observation = Observation(BurstId("sb1"), "", 0.0, light_curves=(last.curve,))
    whole = measure(observation, TaskConfiguration()).durations[0].t90
    assert last.t90.value_s == pytest.approx(whole.value_s, abs=0.3)


def test_lost_packets_widen_but_do_not_break() -> None:
    sequence = packets(box_sequence(1.0, 21.0, 800.0))
    rng = np.random.default_rng(5)
    kept = [p for p in sequence if rng.random() > 0.2]
    t90 = followed(kept)[-1].instruments[0].measurement.t90
    assert t90.value_s == pytest.approx(18.0, abs=max(0.6, 3.0 * (t90.err_plus_s or 0.0)))


def test_no_burst_is_found_in_background_alone() -> None:
    found = followed(packets(box_sequence(0.0, 0.0, 0.0, seed=11)))
    assert {each.instruments[0].progress for each in found} == {Progress.NOTHING}
    assert found[-1].reference is None


def test_the_segmentation_goes_on_between_renewals_of_the_background(
    long_burst: list[BurstSoFar],
) -> None:
    first, last = (each.instruments[0] for each in (long_burst[0], long_burst[-1]))
    renewals = (last.until_s - first.until_s) / 8.0
    assert 0 < last.restarts <= renewals + 1
    assert len(long_burst) > 3 * last.restarts


def test_a_later_reference_time_shifts_all_times() -> None:
    sequence = packets(box_sequence(1.0, 9.0, 600.0))
    stream = GrowingBurst()
    for packet in sequence:
        stream.add(packet)
    before = stream.measure()
    stream.use_t0(T0 - 3.0)
    after = stream.measure()
    assert before is not None
    assert after is not None
    assert before.t0_met_s == T0
    starts = [each.instruments[0].measurement.t90.start_s or 0.0 for each in (before, after)]
    assert starts[1] - starts[0] == pytest.approx(3.0, abs=0.1)


def test_packets_of_other_bands_are_left_out_with_a_flag() -> None:
    sequence = packets(box_sequence(1.0, 9.0, 600.0))
    curve = next(p for p in sequence if isinstance(p, LightCurvePacket))
    other = msgspec.structs.replace(
        curve, bands_kev=((1.0, 2.0), (2.0, 3.0), (3.0, 4.0), (4.0, 5.0))
    )
    stream = GrowingBurst()
    for packet in sequence:
        stream.add(packet)
    assert not stream.add(other)
    found = stream.measure()
    assert found is not None
    assert [(each.name, each.cause) for each in found.left_out] == [
        (f"GRM light_curve {other.number}", "other detectors or bands")
    ]


def test_errors_of_a_bright_short_burst_include_the_width_of_the_bins() -> None:
    found = followed(packets(box_sequence(0.1, 0.5, 60000.0)))
    t90 = found[-1].instruments[0].measurement.t90
    # both ends lie in bins of 64 ms: 64 / sqrt(12) ms each, added in quadrature once
    assert t90.err_minus_s is not None
    assert 0.026 <= t90.err_minus_s < 0.029
    assert t90.value_s == pytest.approx(0.36, abs=2.0 * t90.err_minus_s)


def two_instruments() -> list[Packet]:
    """Return packets of the GRM, and the same of ECLAIRs in between, of half the background."""
    grm = packets(box_sequence(1.0, 9.0, 600.0))
    ecl = [
        msgspec.structs.replace(
            packet,
            instrument=Instrument.ECLAIRS,
            detectors=("ECL",),
            bands_kev=((4.0, 8.0), (8.0, 20.0), (20.0, 50.0), (50.0, 120.0)),
        )
        for packet in packets(box_sequence(1.0, 9.0, 600.0, background=500.0, seed=2))
        if isinstance(packet, LightCurvePacket)
    ]
    curves = [packet for packet in grm if isinstance(packet, LightCurvePacket)]
    return [each for pair in zip(curves, ecl, strict=False) for each in pair]


def test_instruments_keep_their_order_whichever_sent_the_newest_packet() -> None:
    found = followed(two_instruments())
    orders = {tuple(one.instrument for one in each.instruments) for each in found}
    assert orders == {(Instrument.GRM,), (Instrument.GRM, Instrument.ECLAIRS)}


def test_the_spectrum_is_fitted_again_only_for_other_data(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = list[tuple[float, float]]()

    def count(
        found: object, responses: object, interval_s: tuple[float, float]
    ) -> tuple[None, tuple[str, ...]]:
        fitted.append(interval_s)
        return None, ()

    monkeypatch.setattr("eclgrmd.analysis.quicklook.burst.coarse_spectrum", count)
    found = followed(two_instruments())
    restarts = sum(one.restarts + 1 for one in found[-1].instruments)
    rising = sum(any(one.progress is Progress.RISING for one in e.instruments) for e in found)
    assert 0 < len(fitted) <= rising + restarts + 2
    assert len(fitted) < len(found) // 2
