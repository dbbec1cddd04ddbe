"""Every input is used for durations or spectra, or named with the reason."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from eclgrmd.analysis.burst import BurstAnalysis, analyse
from eclgrmd.analysis.spectral import photon_density
from eclgrmd.model.configuration.sections import DurationChoice, SpectralChoice, TaskConfiguration
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import (
    Channels,
    EventList,
    Floats,
    History,
    Observation,
    Response,
)
from eclgrmd.model.task import TaskType

CPL = np.array([0.06, -0.8, 250.0])
LASTS_S = 8.192
EIGHT = np.array([4.6, 11.3, 26.8, 49.6, 101.0, 293.0, 538.0, 985.0, 2000.0])
MANY = np.geomspace(4.6, 2000.0, 65)


def configuration(*intervals: tuple[float, float]) -> TaskConfiguration:
    spectral = SpectralChoice(models=("cpl",), intervals=intervals or ("t100",), goodness_spectra=0)
    return TaskConfiguration(
        duration=DurationChoice(bootstrap=100, resegment=False, character=False), spectral=spectral
    )


def response(detector: str, edges: Floats) -> Response:
    """Return the response of a detector of 100 cm2 with an energy resolution of about 11 %."""
    energy = np.geomspace(5.0, 4000.0, 201)
    middle = np.sqrt(energy[1:] * energy[:-1])
    below = 1.0 / (1.0 + np.exp(-(np.log(edges) - np.log(middle)[:, None]) / 0.06))
    channels = Channels(np.arange(len(edges) - 1), edges[:-1], edges[1:])
    matrix = 100.0 * np.diff(below, axis=1)
    name = (f"{detector}_{len(edges) - 1}.rsp",)
    return Response(Instrument.GBM, detector, energy[:-1], energy[1:], matrix, channels, files=name)


def history(of: Response, bin_s: float, seed: int = 1) -> History:
    """Draw a history of a cutoff power law from 0 to 8.192 s over a background."""
    edges = np.arange(-32, 65) * 2.048
    start = np.arange(edges[0], edges[-1] - 1e-6, bin_s)
    energy = np.sqrt(of.energy_low_kev * of.energy_high_kev)
    width = of.energy_high_kev - of.energy_low_kev
    rate = (photon_density("cpl", CPL, energy) * width) @ of.matrix_cm2
    on = np.clip(np.minimum(start + bin_s, LASTS_S) - np.maximum(start, 0.0), 0.0, None)
    channels = len(of.channels.number)
    expected = on[:, None] * rate + bin_s * 300.0 / channels
    return History(
        Instrument.GBM,
        of.detector,
        start,
        start + bin_s,
        np.random.default_rng(seed).poisson(expected).astype(float),
        np.full(len(start), bin_s),
        of.channels,
        files=(f"{of.detector}_{channels}.pha",),
    )


def events(of: Response, seed: int = 2) -> EventList:
    """Draw the counts of a history as events, spread uniformly over its bins."""
    fine, rng = history(of, 0.064, seed), np.random.default_rng(seed)
    bins, channels = np.nonzero(fine.counts)
    number = fine.counts[bins, channels].astype(int)
    time = np.repeat(fine.start_s[bins], number) + rng.uniform(0.0, 0.064, number.sum())
    order = np.argsort(time)
    return EventList(
        Instrument.GBM,
        of.detector,
        time[order],
        np.repeat(channels, number)[order].astype(np.int16),
        of.channels,
        np.array([[fine.start_s[0], fine.stop_s[-1]]]),
        files=(f"{of.detector}.fit",),
    )


def observation(*data: EventList | History | Response) -> Observation:
    return Observation(
        BurstId("b"),
        "",
        0.0,
        events=tuple(d for d in data if isinstance(d, EventList)),
        histories=tuple(d for d in data if isinstance(d, History)),
        responses=tuple(d for d in data if isinstance(d, Response)),
    )


def fluence(analysis: BurstAnalysis) -> float:
    assert analysis.spectral is not None
    [interval] = analysis.spectral.intervals
    return interval.models[0].fluence_erg[0].value or 0.0


def test_two_histories_of_a_detector_share_the_work_in_any_order() -> None:
    wide, fine = response("n6", EIGHT), response("n6", MANY)
    data: tuple[History | Response, ...] = (history(wide, 0.256), history(fine, 1.024), wide, fine)
    analyses = [
        analyse(observation(*d), configuration(), TaskType.BURST) for d in permutations(data)
    ]
    for analysis in analyses:
        assert analysis.temporal is not None
        assert analysis.spectral is not None
        [duration], [interval] = analysis.temporal.durations, analysis.spectral.intervals
        assert np.median(np.diff(duration.curve.start_s)) == pytest.approx(0.256)
        assert duration.t90.value_s == pytest.approx(0.9 * LASTS_S, abs=0.4)
        assert [len(s.counts) for s in interval.spectra] == [64]
        assert texts(analysis.flags) == ("n6: durations from n6_8.pha, spectra from n6_64.pha",)
        assert fluence(analysis) == fluence(analyses[0])
        assert duration.photon_fluence is not None
        energy = np.linspace(*duration.photon_fluence.band_kev, 20_001)
        true = LASTS_S * np.trapezoid(photon_density("cpl", CPL, energy), energy)
        assert duration.photon_fluence.fluence.value == pytest.approx(true, rel=0.05)


def test_the_character_has_a_detector_once() -> None:
    wide, fine = response("n6", EIGHT), response("n6", MANY)
    of = observation(history(fine, 1.024), history(wide, 0.256), wide, fine)
    choice = TaskConfiguration(duration=DurationChoice(bootstrap=100, resegment=False))
    temporal = analyse(of, choice, TaskType.TEMPORAL).temporal
    assert temporal is not None
    character = temporal.durations[0].character
    assert character is not None
    assert [each.detector for each in character.significances] == ["n6"]


def test_a_history_whose_response_has_other_channels_is_left_out_in_a_sentence() -> None:
    wide, fine = response("n6", EIGHT), response("n6", MANY)
    found = analyse(observation(history(wide, 0.256), fine), configuration(), TaskType.BURST)
    assert found.spectral is not None
    assert found.spectral.intervals == ()
    assert "left out: n6_64.rsp: no data in its 64 channels" in texts(found.flags)
    assert "n6: no response, so its spectrum cannot be fitted" in texts(found.spectral.flags)


def test_a_short_interval_takes_the_history_that_has_it() -> None:
    wide, fine = response("n6", EIGHT), response("n6", MANY)
    of = observation(history(wide, 0.256), history(fine, 2.048), wide, fine)
    found = analyse(of, configuration((1.024, 1.536)), TaskType.BURST)
    assert found.spectral is not None
    [interval] = found.spectral.intervals
    assert [len(s.counts) for s in interval.spectra] == [8]
    assert interval.interval_s == pytest.approx((1.024, 1.536))


@pytest.mark.parametrize(
    ("asked_s", "used_s"),
    [
        ((0.52, 5.1), (0.0, 4.096)),
        ((1.2, 2.9), (2.048, 4.096)),  # less than half of either bin, but most of it here
        ((2.1, 2.2), (2.048, 4.096)),
        ((2.048, 6.144), (2.048, 6.144)),
    ],
)
def test_a_spectrum_belongs_to_the_bins_that_were_used(
    asked_s: tuple[float, float], used_s: tuple[float, float]
) -> None:
    fine = response("n6", MANY)
    found = analyse(observation(history(fine, 2.048), fine), configuration(asked_s), TaskType.BURST)
    assert found.spectral is not None
    [interval] = found.spectral.intervals
    assert interval.interval_s == pytest.approx(used_s)
    told = [flag for flag in texts(interval.flags) if flag.startswith("interval")]
    assert len(told) == (asked_s != used_s)
    low, high = interval.models[0].fluence_erg[0].band_kev
    energy = np.linspace(low, high, 20_001)
    density = photon_density("cpl", CPL, energy) * energy * 1.602176634e-9
    true = (used_s[1] - used_s[0]) * np.trapezoid(density, energy)
    assert fluence(found) == pytest.approx(true, rel=0.1)


def test_events_are_cut_to_the_bins_of_a_history_that_is_fitted_with_them() -> None:
    first, other = response("n0", MANY), response("n1", MANY)
    of = observation(events(first), history(other, 2.048), first, other)
    found = analyse(of, configuration((0.9, 5.1)), TaskType.BURST)
    assert found.spectral is not None
    [interval] = found.spectral.intervals
    assert [s.detector for s in interval.spectra] == ["n0", "n1"]
    for spectrum in interval.spectra:
        assert (spectrum.start_s, spectrum.stop_s) == pytest.approx((0.0, 4.096), abs=1e-9)
    assert "intervals differ" not in texts(interval.flags)


def test_a_gap_adds_nothing_to_the_fluence() -> None:
    fine = response("n6", MANY)
    whole = history(fine, 0.256)
    kept = (whole.start_s < 2.0) | (whole.start_s > 3.9)
    holed = replace(
        whole,
        start_s=whole.start_s[kept],
        stop_s=whole.stop_s[kept],
        counts=whole.counts[kept],
        exposure_s=whole.exposure_s[kept],
    )
    both = [
        analyse(observation(h, fine), configuration((0.0, 6.144)), TaskType.BURST)
        for h in (whole, holed)
    ]
    observed = 1.0 - (~kept).sum() * 0.256 / 6.144
    assert fluence(both[1]) == pytest.approx(observed * fluence(both[0]), rel=0.03)
    assert both[1].spectral is not None
    assert "n6: interval not fully covered" in texts(both[1].spectral.intervals[0].flags)


def test_every_detector_that_is_not_counted_is_named() -> None:
    responses = {name: response(name, MANY) for name in ("n3", "n4", "b0")}
    of = observation(
        *(events(responses[name]) for name in ("n4", "b0")), history(responses["n3"], 1.024)
    )
    found = analyse(of, configuration(), TaskType.BURST)
    assert found.temporal is not None
    [duration] = found.temporal.durations
    assert duration.detectors == ("n4",)
    assert texts(duration.flags)[:2] == (
        "b0 not counted: a BGO detector",
        "n3 not counted: binned data only, others have events",
    )
    text = "; ".join(texts(found.flags))
    assert "b0.fit: not counted (a BGO detector), no response of its channels" in text
    assert "n3_64.pha: not counted (binned data only, others have events)" in text


def test_histories_that_share_most_bins_are_summed_in_those() -> None:
    """CTIME files of a trigger differ so: one history has one bin more, one starts later."""
    wide = [response(name, EIGHT) for name in ("n0", "n1", "n2")]
    longer = [history(r, 0.256, seed) for seed, r in enumerate(wide)]
    cut = [slice(0, None), slice(0, -1), slice(3, None)]
    parts = [
        replace(
            h,
            start_s=h.start_s[c],
            stop_s=h.stop_s[c],
            counts=h.counts[c],
            exposure_s=h.exposure_s[c],
        )
        for h, c in zip(longer, cut, strict=True)
    ]
    found = analyse(observation(*parts), configuration(), TaskType.TEMPORAL)
    assert found.temporal is not None
    [duration] = found.temporal.durations
    assert duration.detectors == ("n0", "n1", "n2")
    band = wide[0].channels.nearest(50.0, 300.0)
    expected = sum(h.counts[3:-1][:, band].sum(axis=1) for h in longer)
    assert duration.curve.counts == pytest.approx(expected)


def test_a_history_shifted_against_the_others_is_named() -> None:
    wide = [response(name, EIGHT) for name in ("n0", "n1", "n2")]
    parts = [history(r, 0.256, seed) for seed, r in enumerate(wide)]
    parts[1] = replace(parts[1], start_s=parts[1].start_s + 1.5, stop_s=parts[1].stop_s + 1.5)
    found = analyse(observation(*parts), configuration(), TaskType.TEMPORAL)
    assert found.temporal is not None
    [duration] = found.temporal.durations
    assert duration.detectors == ("n0", "n2")
    assert "n1 not counted: other bins" in texts(duration.flags)
    assert any("n1_8.pha" in flag for flag in texts(found.flags))
