"""The entry point: fits of every interval of an observation."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from eclgrmd.analysis.burst import fit_burst
from eclgrmd.analysis.spectral import photon_density
from eclgrmd.analysis.spectral.spectra.extraction import extract_spectrum
from eclgrmd.analysis.temporal.background.spline import BackgroundFit
from eclgrmd.analysis.temporal.results import TemporalAnalysis
from eclgrmd.model.configuration.sections import ModelName, SpectralChoice, TaskConfiguration
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import EventList, History, Observation, Response, Spectrum
from tests.support.bursts.toy_spectra import BAND_TRUTH, expected_counts, simulate, toy_response
from tests.support.present import present

ON = (2.0, 12.0)
DEAD_S = 3e-6


def observation(*spectra: Spectrum) -> Observation:
    return Observation(BurstId("b"), "", 0.0, spectra=spectra)


def configured(choice: SpectralChoice) -> TaskConfiguration:
    return TaskConfiguration(spectral=choice)


def draw_events(
    rng: np.random.Generator, response: Response, detector: str = "n0", rate: float = 40.0
) -> EventList:
    """Draw a constant source from 2 to 12 s over a constant background, without dead time."""
    source = rng.poisson(expected_counts(response, "band", BAND_TRUTH, ON[1] - ON[0]))
    noise = rng.poisson(np.full(64, rate * 30.0))
    channel = np.concatenate([np.repeat(np.arange(64), source), np.repeat(np.arange(64), noise)])
    time = np.concatenate([rng.uniform(*ON, source.sum()), rng.uniform(-10, 20, noise.sum())])
    order = np.argsort(time)
    return EventList(
        Instrument.GBM,
        detector,
        time[order],
        channel[order].astype(np.int16),
        response.channels,
        np.array([[-10.0, 20.0]]),
        DEAD_S,
    )


def flat_background(detector: str = "n0", rate: float = 40.0) -> BackgroundFit:
    return BackgroundFit(
        instrument=Instrument.GBM,
        detector=detector,
        intervals_s=np.array([[-10.0, 2.0], [12.0, 20.0]]),
        order=0,
        origin_s=0.0,
        unit_s=1.0,
        coefficients=np.full((64, 1), rate),
        covariance=np.full((64, 1, 1), rate / 20.0),
        statistic=np.zeros(64),
        dof=100,
    )


@pytest.fixture
def burst() -> tuple[Observation, TemporalAnalysis]:
    rng = np.random.default_rng(11)
    responses = tuple(toy_response(d) for d in ("n0", "n1"))
    events = tuple(draw_events(rng, r, r.detector) for r in responses)
    temporal = TemporalAnalysis(
        durations=(),
        backgrounds=tuple(flat_background(d) for d in ("n0", "n1")),
        t100_s=ON,
    )
    return replace(observation(), events=events, responses=responses), temporal


def test_the_truth_is_found_from_events(burst: tuple[Observation, TemporalAnalysis]) -> None:
    analysis = fit_burst(*burst, configured(SpectralChoice(models=("band",), intervals=(ON,))))
    (interval,) = analysis.intervals
    (fit,) = interval.models
    assert interval.kind == "interval"
    assert interval.statistic == "pgstat"
    assert [s.detector for s in interval.spectra] == ["n0", "n1"]
    for parameter, truth in zip(fit.parameters.values(), BAND_TRUTH, strict=True):
        value = present(parameter.value)
        error = present(parameter.err_plus if truth > value else parameter.err_minus)
        assert abs(value - truth) < 3.5 * error
    assert fit.dof == sum(u.sum() for u in interval.used) - 4


def test_fluxes_and_fluences_belong_to_the_model(
    burst: tuple[Observation, TemporalAnalysis],
) -> None:
    analysis = fit_burst(
        *burst,
        configured(
            SpectralChoice(models=("band",), intervals=(ON,), flux_bands_kev=((20.0, 600.0),))
        ),
    )
    fit = analysis.intervals[0].models[0]
    energy = np.geomspace(20, 600, 20001)
    density = photon_density(
        "band", np.array([present(p.value) for p in fit.parameters.values()]), energy
    )
    flux = fit.flux[0]
    assert flux.photon.value == pytest.approx(np.trapezoid(density, energy), rel=1e-4)
    erg = np.trapezoid(density * energy, energy) * 1.602176634e-9
    assert flux.energy_erg.value == pytest.approx(erg, rel=1e-4)
    assert fit.fluence_erg[0].value == pytest.approx(10 * erg, rel=1e-4)
    assert 0.005 < present(flux.photon.err_plus) / present(flux.photon.value) < 0.05


def test_live_time_is_what_dead_time_leaves(burst: tuple[Observation, TemporalAnalysis]) -> None:
    events = burst[0].events[0]
    spectrum = present(extract_spectrum(events, (3.0, 5.0), None, burst[0].responses[:1]))
    inside = np.count_nonzero((events.time_s >= 3.0) & (events.time_s < 5.0))
    assert spectrum.counts.sum() == inside
    assert spectrum.exposure_s == pytest.approx(2.0 - inside * DEAD_S, rel=1e-3)


def test_a_gap_is_neither_counted_nor_exposed(burst: tuple[Observation, TemporalAnalysis]) -> None:
    events = replace(burst[0].events[0], gti_s=np.array([[-10.0, 4.0], [4.5, 20.0]]))
    spectrum = present(
        extract_spectrum(events, (3.0, 5.0), flat_background(), burst[0].responses[:1])
    )
    times = events.time_s[(events.time_s >= 3.0) & (events.time_s < 5.0)]
    assert spectrum.counts.sum() == np.count_nonzero((times < 4.0) | (times >= 4.5))
    assert spectrum.exposure_s == pytest.approx(1.5 - spectrum.counts.sum() * DEAD_S, rel=5e-3)
    background = present(spectrum.background)
    assert background.counts == pytest.approx(40.0 * spectrum.exposure_s, rel=5e-3)
    # covariance of the rate: 40 / 20 per channel
    assert background.error == pytest.approx(np.sqrt(2.0) * spectrum.exposure_s, rel=5e-3)
    assert "interval not fully covered" in texts(spectrum.flags)


def test_events_and_their_histogram_give_the_same_spectrum(
    burst: tuple[Observation, TemporalAnalysis],
) -> None:
    events = burst[0].events[0]
    edges = np.linspace(-10, 20, 31)
    counts = np.stack(
        [np.histogram(events.time_s[events.channel == c], edges)[0] for c in range(64)], axis=1
    ).astype(np.float64)
    history = History(
        events.instrument,
        "n0",
        edges[:-1],
        edges[1:],
        counts,
        1.0 - counts.sum(axis=1) * DEAD_S,
        present(events.channels),
    )
    of_events = present(extract_spectrum(events, ON, flat_background(), ()))
    of_history = present(extract_spectrum(history, ON, flat_background(), ()))
    assert (of_history.counts == of_events.counts).all()
    assert of_history.exposure_s == pytest.approx(of_events.exposure_s, rel=1e-3)


def test_a_response_is_weighted_by_the_counts_of_its_time(
    burst: tuple[Observation, TemporalAnalysis],
) -> None:
    events = burst[0].events[0]
    first = replace(toy_response("n0"), start_s=-100.0, stop_s=7.0)
    second = replace(toy_response("n0", area_cm2=50.0), start_s=7.0, stop_s=100.0)
    spectrum = present(extract_spectrum(events, ON, None, (first, second)))
    early = np.count_nonzero((events.time_s >= 2) & (events.time_s < 7))
    share = early / spectrum.counts.sum()
    wanted = share * first.matrix_cm2 + (1 - share) * second.matrix_cm2
    assert present(spectrum.response).matrix_cm2 == pytest.approx(wanted, rel=1e-2)


def test_ready_made_spectra_of_one_interval_are_fitted_jointly() -> None:
    rng = np.random.default_rng(12)
    early = [simulate(rng, toy_response(d)) for d in ("n0", "n1")]
    late = [replace(s, start_s=10.0, stop_s=20.0) for s in early]
    analysis = fit_burst(
        observation(early[0], late[0], early[1], late[1]),
        None,
        configured(SpectralChoice(models=("cpl",))),
    )
    assert [i.interval_s for i in analysis.intervals] == [(0.0, 10.0), (10.0, 20.0)]
    for interval in analysis.intervals:
        assert interval.kind == "file"
        assert [s.detector for s in interval.spectra] == ["n0", "n1"]
        channels = early[0].channels
        assert channels is not None
        touching = (channels.e_max_kev > 8.0) & (channels.e_min_kev < 900.0)
        assert all((u == touching).all() for u in interval.used)


def test_one_spectrum_per_detector_is_one_fit_though_the_clocks_differ() -> None:
    rng = np.random.default_rng(12)
    spectra = [simulate(rng, toy_response(d)) for d in ("n0", "BAT")]
    late = replace(spectra[1], start_s=-2.0, stop_s=8.0)
    analysis = fit_burst(
        observation(spectra[0], late), None, configured(SpectralChoice(models=("pl",)))
    )
    (interval,) = analysis.intervals
    assert [s.detector for s in interval.spectra] == ["n0", "BAT"]
    assert interval.interval_s == (-2.0, 10.0)
    assert "intervals differ" in texts(interval.flags)


def test_channels_must_lie_fully_inside_the_range() -> None:
    spectrum = simulate(np.random.default_rng(13), toy_response("n0"))
    analysis = fit_burst(
        observation(spectrum), None, configured(SpectralChoice(energy_kev={"GBM": (20.0, 300.0)}))
    )
    used, channels = analysis.intervals[0].used[0], present(spectrum.channels)
    assert channels.e_min_kev[used].min() >= 20.0
    assert channels.e_max_kev[used].max() <= 300.0
    assert used.sum() == np.sum((channels.e_min_kev >= 20) & (channels.e_max_kev <= 300))


def test_what_cannot_be_fitted_is_flagged_and_the_rest_is_fitted() -> None:
    rng = np.random.default_rng(14)
    good, bad = simulate(rng, toy_response("n0")), simulate(rng, toy_response("n1"))
    analysis = fit_burst(
        observation(good, replace(bad, response=None)),
        None,
        configured(SpectralChoice(models=("pl",))),
    )
    (interval,) = analysis.intervals
    assert [s.detector for s in interval.spectra] == ["n0"]
    assert any("n1: no response" in flag for flag in texts(interval.flags))


def test_a_burst_without_any_signal_says_so() -> None:
    nothing = np.array([1e-12, -0.9, 250.0, -2.4])
    spectrum = simulate(np.random.default_rng(15), toy_response("n0"), values=nothing)
    analysis = fit_burst(
        observation(spectrum), None, configured(SpectralChoice(models=("band", "pl")))
    )
    for fit in analysis.intervals[0].models:
        assert "no significant signal" in texts(fit.flags)


def test_without_a_burst_in_time_named_intervals_are_flagged(
    burst: tuple[Observation, TemporalAnalysis],
) -> None:
    analysis = fit_burst(burst[0], None, configured(SpectralChoice(intervals=("t90", "peak"))))
    assert analysis.intervals == ()
    assert texts(analysis.flags) == ("no t90 interval", "no peak interval")


def test_the_simpler_model_is_preferred_where_the_data_ask_for_no_more() -> None:
    cutoff = np.array([0.03, -0.9, 150.0])
    spectrum = simulate(
        np.random.default_rng(16), toy_response("n0"), "cpl", cutoff, exposure_s=30.0
    )
    analysis = fit_burst(
        observation(spectrum), None, configured(SpectralChoice(models=("band", "cpl", "pl")))
    )
    fits = {f.name: f for f in analysis.intervals[0].models}
    assert fits["cpl"].preferred
    assert fits["cpl"].reason.startswith("lowest BIC")
    assert not fits["pl"].preferred


def test_nothing_is_ever_nan() -> None:
    faint = np.array([0.0005, -0.9, 250.0, -2.4])
    spectrum = simulate(np.random.default_rng(17), toy_response("n0"), values=faint)
    analysis = fit_burst(
        observation(spectrum), None, configured(SpectralChoice(models=get_args(ModelName)))
    )
    for fit in analysis.intervals[0].models:
        numbers = [fit.statistic_value]
        for p in fit.parameters.values():
            numbers += [p.value, p.err_minus, p.err_plus, p.err_symmetric, p.err_plus_90]
        for flux in fit.flux:
            for e in (flux.photon, flux.energy_erg):
                numbers += [e.value, e.err_minus, e.err_plus]
        assert all(x is None or np.isfinite(x) for x in numbers)
