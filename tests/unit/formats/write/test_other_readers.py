"""gdt-core, stingray and threeML read written files."""

import json
import os
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eclgrmd.formats import (
    background_to_fits,
    light_curve_to_fits,
    read_observation,
    response_to_fits,
    spectrum_to_fits,
)
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Background
from tests.support.programs import needs_gdt, needs_stingray, needs_threeml
from tests.unit.formats.values import LIGHT_CURVE, PROVENANCE, RESPONSE, SPECTRUM, T0_MET_S

GBM = replace(PROVENANCE, instrument="GBM", telescope="GLAST")
OF_GBM: dict[str, Any] = {"instrument": Instrument.GBM, "detector": "na"}


def read_with_gdt(kind: str, path: Path) -> dict[str, Any]:
    script = Path(__file__).with_name("read_with_gdt.py")
    command = [sys.executable, str(script), kind, str(path)]
    output = subprocess.run(command, capture_output=True, check=True).stdout
    found: dict[str, Any] = json.loads(output)
    return found


@needs_gdt
@pytest.mark.parametrize("first", [0, 1])
def test_gdt_reads_the_response_of_a_gbm_detector(tmp_path: Path, first: int) -> None:
    channels = replace(RESPONSE.channels, number=np.arange(5) + first)
    matrix = RESPONSE.matrix_cm2.copy()
    matrix[0] = 0.0
    response = replace(RESPONSE, channels=channels, matrix_cm2=matrix, **OF_GBM)
    path = tmp_path / "r.rsp"
    path.write_bytes(response_to_fits([response], GBM))
    read = read_with_gdt("rsp", path)
    assert read["detector"] == "na"
    assert np.array(read["matrix"]) == pytest.approx(matrix, rel=1e-6)


@needs_gdt
def test_gdt_reads_a_spectrum(tmp_path: Path) -> None:
    path = tmp_path / "s.pha"
    good = np.array([True, True, False, True, True])
    path.write_bytes(spectrum_to_fits(replace(SPECTRUM, good=good), PROVENANCE))
    read = read_with_gdt("pha", path)
    assert SPECTRUM.channels is not None
    assert read["values"] == SPECTRUM.counts.tolist()
    assert read["exposure_s"] == SPECTRUM.exposure_s
    assert read["low_kev"] == pytest.approx(SPECTRUM.channels.e_min_kev)
    assert read["high_kev"] == pytest.approx(SPECTRUM.channels.e_max_kev)
    assert read["time_range"] == pytest.approx([SPECTRUM.start_s, SPECTRUM.stop_s], abs=1e-6)
    assert read["valid"] == [0, 1, 3, 4]


@needs_gdt
def test_spectra_that_gdt_writes_in_the_manner_of_rmfit_are_read(tmp_path: Path) -> None:
    path = tmp_path / "glg_rmfit_na.pha"
    read_with_gdt("write", path)
    files = [path, path.with_suffix(".bak")]
    (spectrum,) = read_observation(files, burst_id=BurstId("b")).spectra
    assert spectrum.counts.tolist() == [4.0, 9.0, 16.0, 1.0]
    assert spectrum.good is not None
    assert spectrum.good.tolist() == [True, True, False, True]
    assert spectrum.exposure_s == 1.9
    assert (spectrum.start_s, spectrum.stop_s) == pytest.approx((-0.5, 1.5), abs=1e-6)
    assert spectrum.channels is not None
    assert spectrum.channels.e_min_kev == pytest.approx([10.0, 20.0, 50.0, 300.0])
    background = spectrum.background
    assert background is not None
    assert background.error is not None
    assert background.counts == pytest.approx(1.9 * np.array([1.5, 3.0, 6.0, 0.5]))
    assert background.error == pytest.approx(1.9 * np.full(4, 0.25))


@needs_stingray
def test_stingray_reads_a_light_curve_without_dead_time(tmp_path: Path) -> None:
    """With dead time, stingray divides by FRACEXP although RATE is that of the live time."""
    from stingray import Lightcurve  # noqa: PLC0415 - perhaps not installed

    start = np.array([-1.0, 0.0, 1.0])
    curve = replace(LIGHT_CURVE, start_s=start, stop_s=start + 1.0, exposure_s=np.ones(3))
    path = tmp_path / "lc.fits"
    path.write_bytes(light_curve_to_fits(curve, PROVENANCE))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stingray warns of FITS light curves altogether
        read = Lightcurve.read(str(path), fmt="ogip", err_dist="gauss")
    assert read.counts.tolist() == curve.counts.tolist()
    assert read.counts_err == pytest.approx(np.sqrt(curve.counts))
    assert (read.time - T0_MET_S).tolist() == start.tolist()
    assert (read.dt, int(read.mjdref)) == (1.0, 57754)


@needs_threeml
def test_threeml_reads_spectra_with_their_backgrounds_and_responses(tmp_path: Path) -> None:
    good = np.array([True, True, False, True, True])
    counted = Background(np.array([2.0, 1.0, 3.0, 0.5, 1.5]), None, scale=0.25)
    (tmp_path / "s.rsp").write_bytes(response_to_fits([RESPONSE], PROVENANCE))
    for name, spectrum in {
        "fitted": SPECTRUM,
        "counted": replace(SPECTRUM, background=counted, good=good),
    }.items():
        (tmp_path / f"{name}.pha").write_bytes(
            spectrum_to_fits(
                spectrum, PROVENANCE, background_file=f"{name}.bak", response_file="s.rsp"
            )
        )
        (tmp_path / f"{name}.bak").write_bytes(background_to_fits(spectrum, PROVENANCE))
    fitted, with_counts = read_with_threeml(tmp_path, "fitted.pha", "counted.pha")
    assert SPECTRUM.background is not None
    assert RESPONSE.channels is not None
    assert fitted["counts"] == SPECTRUM.counts.tolist()
    assert fitted["exposure_s"] == SPECTRUM.exposure_s
    assert fitted["tstart"] == T0_MET_S + SPECTRUM.start_s
    assert fitted["noise"] == ["poisson", "gaussian"]
    assert fitted["background"] == pytest.approx(SPECTRUM.background.counts)
    assert fitted["background_error"] == pytest.approx(SPECTRUM.background.error)
    assert np.array(fitted["matrix_cm2"]) == pytest.approx(RESPONSE.matrix_cm2)
    assert fitted["photon_edges_kev"] == [5.0, *RESPONSE.energy_high_kev]
    assert fitted["channel_edges_kev"] == [10.0, *RESPONSE.channels.e_max_kev]
    assert with_counts["noise"] == ["poisson", "poisson"]
    assert with_counts["background"] == pytest.approx(counted.counts)
    assert with_counts["good"] == good.tolist()


def read_with_threeml(folder: Path, *names: str) -> list[dict[str, Any]]:
    script = Path(__file__).with_name("read_with_threeml.py")
    environment = os.environ | {"HOME": str(folder)}  # where it writes settings and logs
    command = [sys.executable, str(script), *names]
    output = subprocess.run(
        command, capture_output=True, check=True, cwd=folder, env=environment
    ).stdout
    found: list[dict[str, Any]] = json.loads(output)
    return found
