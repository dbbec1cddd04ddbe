from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from msgspec.structs import replace
from numpy.typing import NDArray

from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, FileKind
from eclgrmd.model.observation import Observation
from testbench.simulate.burst import Burst, Trap
from testbench.simulate.bursts import DC0_BURSTS, burst_named
from testbench.simulate.delivery import SimulatedBurst, write_burst
from testbench.simulate.physics.detectors import detectors_of
from testbench.simulate.physics.photons import draw_photons, generator
from testbench.simulate.traps import (
    DEPLETED_CHANNELS,
    damage,
    prepare,
    stepping,
    undeclared_gap,
    unsorted,
)
from tests.support.present import present

PLAIN = replace(burst_named("short"), window_s=(-8.0, 8.0))
Written = dict[Trap | None, SimulatedBurst]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The same small burst with no trap and with each trap, one folder each."""
    folder = tmp_path_factory.mktemp("traps")
    bursts: dict[Trap | None, Burst] = {trap: replace(PLAIN, traps=(trap,)) for trap in Trap}
    bursts[None] = PLAIN
    return {trap: write_burst(folder / str(trap), burst, 1) for trap, burst in bursts.items()}


def _tables(burst: SimulatedBurst, start: str, *names: str) -> list[list[NDArray[Any]]]:
    """Return the tables of these names from each file whose name starts so."""
    found = []
    for file in burst.files:
        if file.name.startswith(start):
            with fits.open(file.path) as hdus:
                found.append([np.array(hdus[name].data) for name in names])
    return found


def test_most_bursts_have_no_trap() -> None:
    assert sum(not burst.traps for burst in DC0_BURSTS) >= 12


def test_without_traps_grm_times_are_sorted_and_files_are_one(written: Written) -> None:
    [[rows]] = _tables(written[None], "svom_grm_evt", "EVENTS02")
    assert (np.diff(rows["TIME"]) >= 0).all()


def test_unsorted_files_hold_the_same_events_in_another_order(written: Written) -> None:
    [[plain]] = _tables(written[None], "svom_grm_evt", "EVENTS01")
    [[odd]] = _tables(written[Trap.UNSORTED], "svom_grm_evt", "EVENTS01")
    assert (np.diff(odd["TIME"]) < 0).any()
    assert (np.sort(odd["TIME"]) == plain["TIME"]).all()


def test_an_undeclared_gap_has_no_events_but_good_time(written: Written) -> None:
    burst = replace(PLAIN, traps=(Trap.UNDECLARED_GAP,))
    start, stop = np.array(undeclared_gap(burst)) + burst.t0_met_s
    [[rows, good]] = _tables(written[Trap.UNDECLARED_GAP], "svom_grm_evt", "EVENTS01", "GTI")
    assert stop - start == pytest.approx(0.6)
    assert not ((rows["TIME"] > start) & (rows["TIME"] < stop)).any()
    assert good["START"][0] < start
    assert good["STOP"][0] > stop


def test_depleted_channels_keep_a_fifth_of_their_counts() -> None:
    burst = burst_named("no-burst")
    detector = detectors_of(burst)[1]
    plain = draw_photons(burst, detector, generator(1, burst, "x"))
    odd = damage(plain, replace(burst, traps=(Trap.DEPLETED,)), detector, generator(2, burst, "x"))
    before, after = (np.bincount(p.channel, minlength=259) for p in (plain, odd))
    others = np.setdiff1d(np.arange(259), DEPLETED_CHANNELS)
    assert (before[others] == after[others]).all()
    lost, of = after[list(DEPLETED_CHANNELS)].sum(), before[list(DEPLETED_CHANNELS)].sum()
    assert lost == pytest.approx(0.2 * of, abs=4 * np.sqrt(0.16 * of))


def test_eclairs_times_step_back_by_tens_of_microseconds_now_and_then(written: Written) -> None:
    [[plain]] = _tables(written[None], "ecl-evt", "EVENTS")
    [[odd]] = _tables(written[Trap.TIME_STEPS], "ecl-evt", "EVENTS")
    steps = np.diff(odd["TIME"])
    back = steps[steps < 0]
    assert (np.diff(plain["TIME"]) >= 0).all()
    assert back.size == plain.size // 997
    assert (back > -100e-6).all()
    assert (back < -20e-6).all()


def test_mjdreff_is_rounded_in_grm_files_alone(written: Written) -> None:
    kept = {
        file.name[:3]: fits.getval(file.path, "MJDREFF", 1) for file in written[Trap.MJDREFF].files
    }
    assert kept["ecl"] == 0.000800740741
    assert kept["svo"] == 0.00080074


def test_the_lower_version_has_half_the_events(written: Written) -> None:
    names = sorted(
        f.name for f in written[Trap.VERSIONS].files if f.name.startswith("svom_grm_evt")
    )
    assert [name[-7:-5] for name in names] == ["01", "02"]
    [[low], [high]] = _tables(written[Trap.VERSIONS], "svom_grm_evt", "EVENTS03")
    assert low.size == (high.size + 1) // 2


def test_the_anomaly_ends_the_good_time_within_the_burst(written: Written) -> None:
    truth = written[Trap.SAA].truth
    start, stop = present(truth.spectrum).interval_s
    assert start < truth.good_s[-1][1] < stop
    assert truth.flags == ("truncated",)
    [[good]] = _tables(written[Trap.SAA], "ecl-gti", "GTICAL-NSA")
    assert good["STOP"][0] - truth.t0_met_s == pytest.approx(truth.good_s[-1][1])


def test_a_burst_at_the_full_hour_lies_in_two_files(written: Written) -> None:
    names = [f.name for f in written[Trap.HOUR].files if f.name.startswith("svom_grm_evt")]
    assert names == ["svom_grm_evt_261103_17_v01.fits", "svom_grm_evt_261103_18_v01.fits"]
    [[first], [second]] = _tables(written[Trap.HOUR], "svom_grm_evt", "EVENTS01")
    hour = (written[Trap.HOUR].truth.t0_met_s + 3.0) % 3600.0
    assert hour == 0.0
    assert first["TIME"].max() < second["TIME"].min()


def test_traps_change_nothing_else() -> None:
    assert prepare(PLAIN) == PLAIN
    order = unsorted(1000, np.random.default_rng(0))
    assert (np.sort(order) == np.arange(1000)).all()
    assert unsorted(0, np.random.default_rng(0)).size == 0
    few = np.arange(10.0)
    assert (stepping(few) == few).all()


def _read(
    burst: SimulatedBurst, start: str | tuple[str, ...], *, trigger_utc: str = ""
) -> Observation:
    paths = [file.path for file in burst.files if file.name.startswith(start)]
    return read_observation(paths, burst_id=BurstId(burst.burst_id), trigger_utc=trigger_utc)


def test_a_trigger_time_that_files_lack_must_be_given(written: Written) -> None:
    burst, start = written[Trap.NO_TRIGGER], "svom_grm_evt"
    assert "t0 is start of data" in texts(_read(burst, start).flags)
    told = _read(burst, start, trigger_utc=burst.truth.t0_utc)
    assert told.t0_met_s == pytest.approx(burst.truth.t0_met_s, abs=1e-5)
    assert told.t0_utc == burst.truth.t0_utc
    assert "t0 is start of data" not in texts(told.flags)


def test_good_times_hold_all_but_the_time_when_the_earth_fills_the_view(written: Written) -> None:
    burst = written[Trap.EARTH]
    gti = next(file.path for file in burst.files if "gti" in file.name)
    with fits.open(gti) as hdus:
        lengths = {
            hdu.name: float((hdu.data["STOP"] - hdu.data["START"]).sum()) for hdu in hdus[1:]
        }
    assert all(lengths[f"GTICAL-{name}"] > 0 for name in ("NEO", "PEO", "TEO"))
    (events,) = _read(burst, ("ecl-evt", "ecl-gti")).events
    start, stop = PLAIN.window_s
    assert events.gti_s.tolist() == [pytest.approx([start, stop - 0.1 * (stop - start)], abs=0.01)]


def test_attitude_and_orbit_are_recognised(written: Written) -> None:
    described = {
        file.name: inspect_file(file.path)
        for file in written[Trap.AUXILIARY].files
        if file.name.startswith("svom-")
    }
    (attitude,) = (d for name, d in described.items() if "att" in name)
    (orbit,) = (d for name, d in described.items() if "orb" in name)
    assert (attitude.kind, attitude.reason) == (FileKind.ATTITUDE, "")
    assert (orbit.kind, orbit.reason) == (FileKind.ORBIT, "")


def test_half_of_the_peak_is_lost_to_dead_time() -> None:
    burst = prepare(replace(PLAIN, traps=(Trap.DEAD_TIME,)))
    dead = []
    for detector in detectors_of(burst):
        if detector.dead_time_s:
            photons = draw_photons(burst, detector, generator(1, burst, detector.name))
            counts, edges = np.histogram(photons.time_s, np.arange(-1.0, 2.0, 0.005))
            dead.append(counts.max() * detector.dead_time_s / (edges[1] - edges[0]))
    # 1 / (1 + 1 / (rate * dead time)) of the time is dead, and the product is 1 at the peak
    assert max(dead) == pytest.approx(0.5, abs=0.05)
