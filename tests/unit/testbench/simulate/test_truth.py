import numpy as np
import pytest
from scipy.integrate import quad

from eclgrmd.model.interval import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats
from testbench.simulate.burst import Burst
from testbench.simulate.bursts import DC0_BURSTS, burst_named
from testbench.simulate.physics.detectors import detectors_of
from testbench.simulate.traps import prepare
from testbench.simulate.truth import truth_of, utc_of
from tests.support.present import present
from tests.unit.testbench.simulate import naive


def _brute_force(burst: Burst, instrument: Instrument, band_kev: Interval) -> tuple[Floats, Floats]:
    """Return times and the share of the counts before each, on a fine grid."""
    detectors = [d for d in detectors_of(burst) if d.instrument == instrument]
    response = detectors[0].response
    channels = response.channels.inside(*band_kev)
    low, high = response.energy_low_kev, response.energy_high_kev
    spectrum = present(burst.spectrum)
    photons = [
        naive.photons_in(a, b, spectrum.epeak_kev, spectrum.alpha, present(spectrum.beta))
        for a, b in zip(low[::4], high[3::4], strict=True)
    ]
    energy = np.sqrt(low[::4] * high[3::4])
    matrices = [d.response.matrix_cm2.reshape(-1, 4, channels.size).mean(axis=1) for d in detectors]
    start, stop = burst.interval_s
    time = np.arange(start - 1, stop + 4 * (stop - start), (stop - start) / 20_000)
    rate = naive.count_curve(burst, matrices, energy, photons, channels, time)
    for cut in burst.cuts:
        rate[(time > cut.start_s) & (time < cut.stop_s)] = 0
    rate[time > burst.window_s[1]] = 0
    return time, np.cumsum(rate) / rate.sum()


@pytest.mark.parametrize("name", ["short", "gap", "cut-end"])
def test_true_durations_agree_with_a_brute_force_cumulative(name: str) -> None:
    burst = burst_named(name)
    for duration in truth_of(burst).durations[::3]:
        time, share = _brute_force(burst, duration.instrument, duration.band_kev)
        ends = np.interp([0.05, 0.25, 0.75, 0.95], share, time)
        length = duration.t90.value_s
        found = (
            duration.t90.start_s, duration.t50.start_s, duration.t50.stop_s, duration.t90.stop_s,
        )  # fmt: skip
        np.testing.assert_allclose(found, ends, atol=4e-3 * length)


def test_widths_are_stop_less_start_and_t50_lies_inside_t90() -> None:
    for burst in DC0_BURSTS:
        for d in truth_of(prepare(burst)).durations:
            assert d.t90.value_s == pytest.approx(d.t90.stop_s - d.t90.start_s)
            assert d.t90.start_s < d.t50.start_s < d.t50.stop_s < d.t90.stop_s


def test_softer_bands_last_longer() -> None:
    durations = {
        (d.instrument, d.band_kev): d.t90.value_s for d in truth_of(burst_named("long")).durations
    }
    soft, hard = (Instrument.ECLAIRS, (4.0, 20.0)), (Instrument.GRM, (50.0, 300.0))
    assert durations[soft] > 1.5 * durations[hard]


def test_fluence_is_amplitude_times_the_energy_of_the_spectrum() -> None:
    truth = present(truth_of(burst_named("long")).spectrum)
    kev = quad(lambda e: e * naive.band(e, 180, -0.9, -2.4), 10, 1000, limit=200)[0]
    assert truth.amplitude * truth.live_s * kev * 1.602176634e-9 == pytest.approx(
        truth.fluence_erg_cm2, rel=1e-6
    )
    assert truth.fluence_erg_cm2 == pytest.approx(3e-5, rel=0.01)


def test_what_a_cut_takes_away_is_not_in_the_fluence() -> None:
    truth = truth_of(burst_named("gap"))
    assert "gap" in truth.flags
    spectrum = present(truth.spectrum)
    assert spectrum.live_s == pytest.approx(spectrum.interval_s[1] - spectrum.interval_s[0] - 5)
    assert spectrum.fluence_erg_cm2 < 0.9 * spectrum.whole_fluence_erg_cm2


def test_flags_say_what_to_expect() -> None:
    flags = {b.name: truth_of(prepare(b)).flags for b in DC0_BURSTS}
    assert flags["no-burst"] == ("no_burst",)
    assert flags["gap"] == ("gap",)
    assert flags["cut-end"] == flags["saa"] == ("truncated",)
    assert flags["long"] == flags["hour"] == ()
    assert sum(not f for f in flags.values()) >= 12


def test_dc0_has_every_kind_of_burst_with_names_of_its_own() -> None:
    assert len(DC0_BURSTS) >= 12
    assert (
        len({b.name for b in DC0_BURSTS})
        == len({b.burst_id for b in DC0_BURSTS})
        == len(DC0_BURSTS)
    )
    assert all(b.width_index == 0.0 for b in DC0_BURSTS if b.cuts or "saa" in b.traps)


def test_burst_ids_carry_the_date_of_their_trigger() -> None:
    for burst in DC0_BURSTS:
        assert utc_of(burst.t0_met_s)[2:10].replace("-", "") == burst.burst_id[2:8]


def test_mission_time_counts_seconds_from_2017() -> None:
    assert utc_of(0.0) == "2017-01-01T00:00:00.000000Z"
    assert utc_of(365 * 86400.0 + 0.5) == "2018-01-01T00:00:00.500000Z"


def test_an_unknown_burst_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(KeyError, match="no burst is called nothing: must be one of long, short"):
        burst_named("nothing")
