"""Every real file is recognised and read, and agrees with its headers and with references."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.model.names import BurstId, FileKind, Instrument
from eclgrmd.model.observation import Observation

pytestmark = pytest.mark.data
NO_DATA = {".xcm", ".log", ".dat", ".json", ".md", ".xml", ""}


def data_files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix not in NO_DATA)


def read(*paths: Path, **options: Any) -> Observation:
    return read_observation(paths, burst_id=BurstId("b"), **options)


def kind_by_name(path: Path) -> set[FileKind]:
    """Return the kind that a file must have, by the naming conventions of its authors."""
    name = path.name.removesuffix(".gz")
    if name.startswith("gll_pt"):
        return {FileKind.ATTITUDE}
    if "_tte_" in name or name.startswith(("tte_list", "gll_lle")):
        return {FileKind.BACKGROUND, FileKind.SPECTRUM, FileKind.EVENTS}
    if (name.startswith(("glg_cspec", "gll_cspec")) and name.endswith(".pha")) or "bfits" in name:
        return {FileKind.HISTORY}
    by_suffix = {
        ".rsp": FileKind.RESPONSE, ".rsp2": FileKind.RESPONSE, ".rmf": FileKind.RESPONSE,
        ".arf": FileKind.ANCILLARY, ".lc": FileKind.LIGHT_CURVE, ".txt": FileKind.LIGHT_CURVE,
        ".bak": FileKind.BACKGROUND, ".bkg": FileKind.BACKGROUND, ".pha": FileKind.SPECTRUM,
        ".pha1": FileKind.SPECTRUM, ".src": FileKind.SPECTRUM, ".fit": FileKind.AUXILIARY,
        ".fits": FileKind.AUXILIARY,
    }  # fmt: skip
    return {by_suffix[Path(name).suffix]}


def test_every_file_is_recognised_by_its_content(shared_data: Path) -> None:
    wrong = {
        path.name: description.kind
        for path in data_files(shared_data)
        if (description := inspect_file(path)).kind not in kind_by_name(path)
    }
    assert wrong == {}


def test_texts_and_scripts_are_refused(shared_data: Path) -> None:
    for path in (shared_data / "fermi-gbm" / "bn220426285").glob("*.xcm"):
        with pytest.raises(InputError, match="is no FITS file"):
            inspect_file(path)


def references(shared_data: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((shared_data / "references.json").read_text())
    return entries


def test_every_reference_burst_is_read_and_has_its_trigger_time(shared_data: Path) -> None:
    count = 0
    for entry in references(shared_data):
        files = [shared_data / name for name in entry.get("files", [])]
        paths = [p for p in files if p.suffix not in NO_DATA]
        if not paths:
            continue
        observation = read(*paths)
        parts = observation.events + observation.histories + observation.light_curves
        assert parts or observation.spectra, entry["id"]
        if "trigger_met" in entry:
            # the reference of GRB 130603B is 0.288 s later than TRIGTIME of its file
            assert observation.t0_met_s == pytest.approx(entry["trigger_met"], abs=0.3)
        for spectrum in observation.spectra:
            assert spectrum.response is not None, (entry["id"], spectrum.detector)
            assert spectrum.background is not None or spectrum.error is not None
        count += 1
    assert count > 90


@pytest.mark.parametrize("detector", ["n3", "b0"])
def test_all_events_of_a_tte_file_are_there(shared_data: Path, detector: str) -> None:
    folder = shared_data / "fermi-gbm" / "bn080916009"
    path = folder / f"glg_tte_{detector}_bn080916009_v01.fit.gz"
    (events,) = read(path).events
    with fits.open(path) as hdus:
        table = hdus["EVENTS"].data
        time_s, channel = table["TIME"] - hdus[0].header["TRIGTIME"], table["PHA"]
        gti = hdus["GTI"].data
        span = np.array([gti["START"][0], gti["STOP"][0]]) - hdus[0].header["TRIGTIME"]
    assert (events.instrument, events.detector) == (Instrument.GBM, detector)
    assert np.abs(events.time_s - np.sort(time_s)).max() < 1e-7
    assert np.bincount(events.channel).tolist() == np.bincount(channel).tolist()
    assert events.gti_s.ravel()[[0, -1]] == pytest.approx(span, abs=1e-6)
    assert (events.dead_time_s, events.overflow_dead_time_s) == (2.6e-6, 1.0417e-5)
    assert events.channels is not None
    assert len(events.channels.number) == 128


def test_the_trigger_of_grb080916c_has_its_published_time(shared_data: Path) -> None:
    folder = shared_data / "fermi-gbm" / "bn080916009"
    observation = read(folder / "glg_cspec_n3_bn080916009_v01.pha.gz")
    assert observation.t0_utc.startswith("2008-09-16T00:12:45.61")  # GCN 8245


def test_the_bat_trigger_of_grb110731a_has_its_published_time(shared_data: Path) -> None:
    observation = read(shared_data / "swift-bat" / "GRB110731A" / "gbm_bat_joint_BAT.pha")
    assert observation.t0_utc.startswith("2011-07-31T11:09:30.45")  # GCN 12215


def test_cspec_has_all_good_bins(shared_data: Path) -> None:
    path = shared_data / "fermi-gbm" / "bn110721200" / "glg_cspec_n6_bn110721200_v00.pha.gz"
    (history,) = read(path).histories
    with fits.open(path) as hdus:
        table = hdus["SPECTRUM"].data
        good = (table["QUALITY"] == 0) & (table["EXPOSURE"] > 0)
        counts, exposure = table["COUNTS"][good].sum(), table["EXPOSURE"][good].sum(dtype=float)
    assert len(history.counts) == good.sum()
    assert history.counts.sum() == counts
    assert history.exposure_s.sum() == pytest.approx(exposure)


def test_the_rates_of_bn090217206_are_the_published_ones(shared_data: Path) -> None:
    (entry,) = (e for e in references(shared_data) if e["id"] == "gbm-bn090217206")
    truth = entry["fits"][0]  # 3ML's notebook prints them for n6
    folder = shared_data / "fermi-gbm" / "bn090217206"
    (spectrum,) = read(*data_files(folder), detectors=["n6"]).spectra
    background = spectrum.background
    assert background is not None
    assert background.error is not None
    assert spectrum.exposure_s == pytest.approx(truth["exposure_s"], abs=1e-4)
    assert spectrum.counts.sum() / spectrum.exposure_s == pytest.approx(truth["total_rate"], 1e-5)
    rate = background.counts.sum() / spectrum.exposure_s
    error = np.sqrt((background.error**2).sum()) / spectrum.exposure_s
    assert rate == pytest.approx(truth["bkg_rate"], rel=1e-5)
    assert error == pytest.approx(truth["bkg_rate_err"], rel=1e-5)


def test_the_eleven_spectra_of_bn220426285_go_with_their_matrices(shared_data: Path) -> None:
    folder = shared_data / "fermi-gbm" / "bn220426285"
    observation = read(*data_files(folder), detectors=["n2"])
    assert len(observation.spectra) == 11
    with (
        fits.open(folder / "bn220426285_n2_weightedrsp.rsp") as rsp,
        fits.open(folder / "bn220426285_n2_srcspectra.pha") as pha,
        fits.open(folder / "bn220426285_n2_bkgspectra.bak") as bak,
    ):
        for k, spectrum in enumerate(observation.spectra, start=1):
            assert spectrum.response is not None
            assert spectrum.background is not None
            row = pha["SPECTRUM"].data[k - 1]
            matrix = rsp["SPECRESP MATRIX", k].data["MATRIX"]
            rate = bak["SPECTRUM"].data["RATE"][k - 1]
            assert spectrum.counts.tolist() == row["COUNTS"].tolist()
            assert spectrum.exposure_s == row["EXPOSURE"]
            assert spectrum.response.matrix_cm2[-1].tolist() == matrix[-1].tolist()
            assert spectrum.background.counts == pytest.approx(rate * row["EXPOSURE"])
    stops = [s.stop_s for s in observation.spectra[:-1]]
    starts = [s.start_s for s in observation.spectra[1:]]
    assert stops == pytest.approx(starts, abs=1e-6)


def test_konus_has_area_times_redistribution_for_both_analysers(shared_data: Path) -> None:
    folder = shared_data / "konus-gbm-asim" / "GRB200716C"
    spectra = {
        s.detector: s for s in read(folder / "KW_1_gr20.pha", folder / "KW_2_gr20.pha").spectra
    }
    assert set(spectra) == {"S2-PHA1", "S2-PHA2"}
    with (
        fits.open(folder / "KW20200716_T82658_1.rmf") as rmf,
        fits.open(folder / "KW20200716_T82658.arf") as arf,
    ):
        row = rmf["MATRIX"].data[100]
        expected = row["MATRIX"].sum(dtype=float) * arf["SPECRESP"].data["SPECRESP"][100]
    response = spectra["S2-PHA1"].response
    assert response is not None
    assert response.matrix_cm2[100].sum() == pytest.approx(expected, rel=1e-6)
    assert response.matrix_cm2[0].sum() == 0.0  # an empty row that says F_CHAN 0
    background = spectra["S2-PHA1"].background
    assert background is not None
    # in a day before the burst: 185.3008 s, scaled to 0.1987585 s
    assert background.counts.sum() == pytest.approx(288.73, abs=0.01)


def test_batse_photons_are_as_many_as_the_file_says(shared_data: Path) -> None:
    folder = shared_data / "cgro-batse" / "3770"
    observation = read(folder / "tte_list_3770.fits.gz")
    with fits.open(folder / "tte_list_3770.fits.gz") as hdus:
        declared = hdus[2].data["N_PHOTON"].tolist()
    declared[1] -= 1  # detector 1 stopped at 25 ms, but for one photon after 1.41 s of nothing
    assert [len(e.time_s) for e in observation.events] == declared


def test_a_bat_curve_that_calls_itself_64_ms_is_read_at_its_1_s(shared_data: Path) -> None:
    folder = shared_data / "swift-bat" / "lightcurves" / "grb_110422A"
    (curve,) = read(folder / "grb_110422A_1chan_64ms.lc.gz").light_curves
    assert np.unique(curve.stop_s - curve.start_s).round(6).tolist() == [1.0]
    assert curve.background_subtracted
    assert curve.band_kev == (15.0, 350.0)
    assert (curve.counts < 0).any()
