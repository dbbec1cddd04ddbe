"""Written files can be read by other readers of the OGIP formats."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.formats import (
    background_to_fits,
    light_curve_to_fits,
    response_to_fits,
    spectrum_to_fits,
)
from eclgrmd.model.observation import Background
from tests.support.programs import needs_sherpa
from tests.unit.formats.values import LIGHT_CURVE, PROVENANCE, RESPONSE, SPECTRUM, T0_MET_S

PHOTONS_CM2 = np.array([4.0, 3.0, 2.0, 1.0])
FOLDED = PHOTONS_CM2 @ RESPONSE.matrix_cm2


@pytest.fixture
def spectrum_files(tmp_path: Path) -> Path:
    path = tmp_path / "s.pha"
    path.write_bytes(
        spectrum_to_fits(SPECTRUM, PROVENANCE, background_file="s.bak", response_file="s.rsp")
    )
    (tmp_path / "s.bak").write_bytes(background_to_fits(SPECTRUM, PROVENANCE))
    (tmp_path / "s.rsp").write_bytes(response_to_fits([RESPONSE], PROVENANCE))
    return path


def fold_by_the_book(path: Path, photons_cm2: np.ndarray) -> np.ndarray:
    """Fold photons through a response file, word by word after CAL/GEN 92-002a."""
    with fits.open(path) as hdus:
        table, bounds = hdus["SPECRESP MATRIX"], hdus["EBOUNDS"].data
        first = table.header["TLMIN4"]
        counts = np.zeros(len(bounds))
        for row, photons in zip(table.data, photons_cm2, strict=True):
            used = 0
            groups = np.atleast_1d(row["F_CHAN"]), np.atleast_1d(row["N_CHAN"])
            for group in range(row["N_GRP"]):
                for channel in range(groups[1][group]):
                    counts[groups[0][group] - first + channel] += photons * row["MATRIX"][used]
                    used += 1
    return counts


def test_a_response_folds_photons_as_the_standard_says(spectrum_files: Path) -> None:
    folded = fold_by_the_book(spectrum_files.with_suffix(".rsp"), PHOTONS_CM2)
    assert folded == pytest.approx(FOLDED)


def test_a_spectrum_has_all_mandatory_keywords(spectrum_files: Path) -> None:
    header = fits.getheader(spectrum_files, "SPECTRUM")
    mandatory = {
        "TELESCOP", "INSTRUME", "FILTER", "EXPOSURE", "BACKFILE", "CORRFILE", "CORRSCAL",
        "RESPFILE", "ANCRFILE", "HDUCLASS", "HDUCLAS1", "AREASCAL", "BACKSCAL", "POISSERR",
        "CHANTYPE", "DETCHANS", "TLMIN1", "TLMAX1", "SYS_ERR", "QUALITY", "GROUPING",
    }  # fmt: skip
    assert mandatory <= set(header)
    assert (header["BACKFILE"], header["RESPFILE"]) == ("s.bak", "s.rsp")
    assert header["TSTART"] == T0_MET_S + SPECTRUM.start_s


def test_a_light_curve_can_be_read_with_astropy_alone(tmp_path: Path) -> None:
    path = tmp_path / "lc.fits"
    path.write_bytes(light_curve_to_fits(LIGHT_CURVE, PROVENANCE))
    with fits.open(path) as hdus:
        table = hdus["RATE"]
        assert (table.data["TIME"] - T0_MET_S).tolist() == LIGHT_CURVE.start_s.tolist()
        assert table.data["TIMEDEL"].tolist() == [1.0, 1.0, 0.5]
        rate = LIGHT_CURVE.counts / LIGHT_CURVE.exposure_s
        assert table.data["RATE"] == pytest.approx(rate)
        assert table.data["ERROR"] == pytest.approx(
            np.sqrt(LIGHT_CURVE.counts) / LIGHT_CURVE.exposure_s
        )
        assert (table.header["MJDREFI"], table.header["TIMEPIXR"]) == (57754, 0.0)


def read_with_sherpa(path: Path) -> dict[str, Any]:
    script = Path(__file__).with_name("read_with_sherpa.py")
    command = [sys.executable, str(script), str(path), json.dumps(PHOTONS_CM2.tolist())]
    found: dict[str, Any] = json.loads(
        subprocess.run(command, capture_output=True, check=True).stdout
    )
    return found


@needs_sherpa
def test_sherpa_reads_the_spectrum_its_background_and_its_response(spectrum_files: Path) -> None:
    read = read_with_sherpa(spectrum_files)
    assert read["counts"] == SPECTRUM.counts.tolist()
    assert read["exposure_s"] == SPECTRUM.exposure_s
    assert SPECTRUM.background is not None
    assert SPECTRUM.background.error is not None
    assert read["background"] == pytest.approx(SPECTRUM.background.counts)
    assert read["background_error"] == pytest.approx(SPECTRUM.background.error)
    assert read["folded"] == pytest.approx(FOLDED)
    assert SPECTRUM.channels is not None
    assert read["e_min_kev"] == pytest.approx(SPECTRUM.channels.e_min_kev)


@needs_sherpa
def test_sherpa_reads_quality_and_grouping(spectrum_files: Path) -> None:
    good = np.array([True, True, False, True, True])
    grouping = np.array([1, -1, 1, 1, -1], dtype=np.int16)
    spectrum = replace(SPECTRUM, good=good, grouping=grouping)
    spectrum_files.write_bytes(
        spectrum_to_fits(spectrum, PROVENANCE, background_file="s.bak", response_file="s.rsp")
    )
    read = read_with_sherpa(spectrum_files)
    assert [value == 0 for value in read["quality"]] == good.tolist()
    assert read["grouping"] == grouping.tolist()


@needs_sherpa
def test_sherpa_scales_a_poisson_background_as_it_is_meant(spectrum_files: Path) -> None:
    background = Background(np.array([2.0, 1.0, 3.0, 0.5, 1.5]), None, scale=0.25)
    spectrum = replace(SPECTRUM, background=background)
    spectrum_files.write_bytes(
        spectrum_to_fits(spectrum, PROVENANCE, background_file="s.bak", response_file="s.rsp")
    )
    spectrum_files.with_suffix(".bak").write_bytes(background_to_fits(spectrum, PROVENANCE))
    read = read_with_sherpa(spectrum_files)
    assert read["background"] == pytest.approx(background.counts)
    assert read["background_error"] is None
