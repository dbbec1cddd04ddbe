import hashlib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from astropy.io import fits
from msgspec.structs import replace

from eclgrmd.formats import read_observation
from eclgrmd.model.configuration.layers import Layer, resolve
from eclgrmd.model.messages.incoming import TaskRequest
from eclgrmd.model.names import BurstId, FileKind
from eclgrmd.model.observation import Observation
from testbench.simulate.burst import Trap
from testbench.simulate.bursts import DC0_BURSTS, burst_named
from testbench.simulate.delivery import SimulatedBurst, simulate_dc0, write_burst
from testbench.simulate.files.grm import grm_event_name
from testbench.simulate.observation import simulate_observation
from testbench.simulate.physics.detectors import detectors_of
from testbench.simulate.truth import Truth
from tests.support.present import present

SEED = 11
PLAIN = replace(burst_named("short"), window_s=(-12.0, 12.0))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> SimulatedBurst:
    return write_burst(tmp_path_factory.mktemp("plain"), PLAIN, SEED)


def _read(burst: SimulatedBurst, *kinds: FileKind) -> Observation:
    paths = [file.path for file in burst.files if file.kind in kinds]
    return read_observation(paths, burst_id=BurstId(burst.burst_id))


def test_events_are_read_back_as_they_were_simulated(plain: SimulatedBurst) -> None:
    read = _read(plain, FileKind.EVENTS, FileKind.GTI)
    simulated = simulate_observation(PLAIN, SEED)
    assert (read.burst_id, read.t0_utc) == (PLAIN.burst_id, simulated.t0_utc)
    for one, other in zip(read.events, simulated.events, strict=True):
        assert (one.instrument, one.detector) == (other.instrument, other.detector)
        np.testing.assert_allclose(one.time_s, other.time_s, atol=1e-7)
        assert (one.channel == other.channel).all()
        np.testing.assert_allclose(one.gti_s, other.gti_s, atol=5e-3)
        assert one.dead_time_s == pytest.approx(other.dead_time_s)


def test_odd_files_are_read_back_as_the_same_photons(tmp_path: Path) -> None:
    traps = (Trap.UNSORTED, Trap.MJDREFF, Trap.VERSIONS, Trap.HOUR)
    burst = replace(PLAIN, traps=traps)
    read = _read(write_burst(tmp_path, burst, SEED), FileKind.EVENTS, FileKind.GTI)
    for one, other in zip(read.events, simulate_observation(burst, SEED).events, strict=True):
        np.testing.assert_allclose(one.time_s, other.time_s, atol=1e-7)


def test_headers_name_mission_instrument_burst_and_time(plain: SimulatedBurst) -> None:
    for file in plain.files:
        header = fits.getheader(file.path)
        instrument = "GRM" if "grm" in file.name else "ECL"
        assert (header["TELESCOP"], header["INSTRUME"]) == ("SVOM", instrument)
        assert header["BURST_ID"] == PLAIN.burst_id
        assert header["TRIGTIME"] == PLAIN.t0_met_s
        assert (header["MJDREFI"], header["MJDREFF"]) == (57754, 0.000800740741)
        assert (header["TIMESYS"], header["TIMEUNIT"]) == ("TT", "s")


def test_event_files_have_the_tables_of_the_mission(plain: SimulatedBurst) -> None:
    tables = {}
    for file in plain.files:
        if file.kind in (FileKind.EVENTS, FileKind.GTI):
            with fits.open(file.path) as hdus:
                tables[file.name] = [hdu.name for hdu in hdus[1:]]
    assert tables == {
        "ecl-evt-cal_sb26110301.fits": ["EVENTS", "EBOUNDS"],
        "ecl-gti-cal_sb26110301.fits": [
            f"GTICAL-{name}" for name in ("NSA", "STA", "TLM", "NEO", "PEO", "TEO")
        ],
        "svom_grm_evt_261103_17_v01.fits": ["EBOUNDS", "GTI", "EVENTS01", "EVENTS02", "EVENTS03"],
    }


def test_the_same_seed_writes_the_same_bytes(plain: SimulatedBurst, tmp_path: Path) -> None:
    again = write_burst(tmp_path, PLAIN, SEED)
    assert [f.sha256 for f in again.files] == [f.sha256 for f in plain.files]
    other = write_burst(tmp_path, PLAIN, SEED + 1)
    events = next(f for f in other.files if f.kind is FileKind.EVENTS)
    assert events.sha256 not in {f.sha256 for f in plain.files}


def test_files_are_described_as_they_are(plain: SimulatedBurst) -> None:
    for file in plain.files:
        content = file.path.read_bytes()
        assert file.size == len(content)
        assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert len({file.name for file in plain.files}) == len(plain.files)


def test_tasks_name_files_that_exist(plain: SimulatedBurst) -> None:
    names = {file.name for file in plain.files}
    assert [task.id for task in plain.tasks] == [f"sb26110301-{w}" for w in ("lc", "pha", "evt")]
    for task in plain.tasks:
        assert task.inputs
        assert {entry.name for entry in task.inputs} <= names
        assert resolve(Layer("task", task.configuration)).configuration.spectral.models == ("band",)


def test_truth_and_tasks_are_in_the_folder_of_the_files(plain: SimulatedBurst) -> None:
    truth = msgspec.json.decode((plain.folder / "truth.json").read_bytes(), type=Truth)
    assert truth == plain.truth
    tasks = msgspec.json.decode((plain.folder / "tasks.json").read_bytes(), type=list[TaskRequest])
    assert tuple(tasks) == plain.tasks


def test_chosen_bursts_are_simulated_with_progress(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    dc0 = simulate_dc0(tmp_path, 1, ("faint", "sb26112101"), lambda *p: told.append(p))
    assert told == [("faint", 1, 2), ("cutoff", 2, 2)]
    assert [b.burst_id for b in dc0.bursts] == ["sb26110801", "sb26112101"]
    assert all(b.folder == tmp_path / b.burst_id for b in dc0.bursts)


def test_grm_files_carry_date_hour_and_version() -> None:
    assert grm_event_name(24 * 365 + 5, 3) == "svom_grm_evt_180101_05_v03.fits"


def test_no_two_bursts_of_dc0_share_a_file_name() -> None:
    hours = [int(b.t0_met_s // 3600) for b in DC0_BURSTS]
    assert len(set(hours)) == len(hours)


def test_light_curves_count_the_events_of_the_file(plain: SimulatedBurst) -> None:
    curves = {c.band_kev: c for c in _read(plain, FileKind.LIGHT_CURVE).light_curves}
    assert set(curves) == {(4, 120), (4, 20), (20, 120), (15, 5000), (15, 50), (50, 300)}
    events = _read(plain, FileKind.EVENTS, FileKind.GTI).events
    for band, chosen in {(4, 120): events[:1], (15, 5000): events[1:]}.items():
        curve = curves[band]
        edges = np.append(curve.start_s, curve.stop_s[-1])
        total = np.zeros(len(curve.counts))
        for each in chosen:
            inside = present(each.channels).inside(*band)[each.channel]
            total += np.histogram(each.time_s[inside], edges + 1e-9)[0]
        assert abs(curve.counts - total).sum() <= 2  # an event on an edge may go either way
        dead = [e.dead_time_s * e.time_s.size / 24.0 for e in chosen]
        live = (curve.exposure_s / (curve.stop_s - curve.start_s)).mean()
        assert live == pytest.approx(1 - np.mean(dead), abs=2e-4)


def test_spectra_come_with_background_response_and_interval(plain: SimulatedBurst) -> None:
    kinds = (FileKind.SPECTRUM, FileKind.BACKGROUND, FileKind.RESPONSE)
    observation = _read(plain, *kinds)
    assert [s.detector for s in observation.spectra] == ["ECL", "GRD01", "GRD02", "GRD03"]
    for spectrum, detector in zip(observation.spectra, detectors_of(PLAIN), strict=True):
        start, stop = present(plain.truth.spectrum).interval_s
        assert (spectrum.start_s, spectrum.stop_s) == pytest.approx((start, stop), abs=1e-6)
        np.testing.assert_allclose(
            present(spectrum.response).matrix_cm2,
            detector.response.matrix_cm2,
            rtol=1e-6,
            atol=1e-12,
        )
        expected = detector.background.counts(np.array([[start, stop]])).sum()
        background = present(spectrum.background)
        assert background.counts.sum() == pytest.approx(expected, rel=0.05)
        assert (present(background.error) > 0).all()
        events = next(
            e for e in _read(plain, FileKind.EVENTS).events if e.detector == spectrum.detector
        )
        inside = (events.time_s >= start) & (events.time_s < stop)
        assert spectrum.counts.sum() == pytest.approx(inside.sum(), abs=1)
