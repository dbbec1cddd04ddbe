"""Light curves and spectra become rows that other programs read."""

import csv
import json
from pathlib import Path

import pytest

from eclgrmd.cli.control.columns import curve_rows, spectrum_rows, write_columns
from eclgrmd.errors import InputError
from eclgrmd.model.rest.pictures import (
    BandCurve,
    DetectorSpectrum,
    FoldedModel,
    LightCurves,
    Spectra,
)
from eclgrmd.model.result import SpectrumFits

CURVES = LightCurves(
    burst_id="sb1", t0_utc=None, instrument="GRM", window_s=(0.0, 2.0), left_out=[],
    curves=[
        BandCurve(
            detectors=("GRD01", "GRD02"), band_kev=(15.0, 50.0), asked_kev=None, bins=2, bin_s=1.0,
            decimated=False, background_subtracted=False, start_s=[0.0, 1.0], stop_s=[1.0, 2.0],
            counts=[3.0, 4.0], exposure_s=[1.0, 0.9], error_counts=None,
            background_counts=[1.0, 1.5], background_error_counts=[0.1, 0.2],
        )
    ],
)  # fmt: skip
SPECTRA = Spectra(
    burst_id="sb1", intervals=[], interval=0, curves=[],
    fits=SpectrumFits((0.0, 1.0), "t100", ("GRD01",), "pgstat", ()),
    spectra=[
        DetectorSpectrum(
            detector="GRD01", exposure_s=1.0, low_kev=[15.0], high_kev=[30.0], net_per_s_kev=[2.0],
            net_error_per_s_kev=[0.5], background_per_s_kev=None,
            models=[FoldedModel(model=name, folded_per_s_kev=[1.9], residual_sigma=[0.2])
                    for name in ("cpl", "pl")],
        )
    ],
)  # fmt: skip


def test_each_bin_is_a_row_and_what_is_unknown_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    write_columns(CURVES, curve_rows(CURVES), path)
    first, second = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    assert first["detectors"] == "GRD01+GRD02"
    assert (first["low_kev"], first["high_kev"]) == ("15.0", "50.0")
    assert [row["counts"] for row in (first, second)] == ["3.0", "4.0"]
    assert (second["background_counts"], second["error_counts"]) == ("1.5", "")


def test_a_spectrum_has_a_row_for_each_model(capsys: pytest.CaptureFixture[str]) -> None:
    write_columns(SPECTRA, spectrum_rows(SPECTRA), None)
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [(row["model"], row["folded_per_s_kev"]) for row in rows] == [
        ("cpl", "1.9"),
        ("pl", "1.9"),
    ]
    assert rows[0]["background_per_s_kev"] == ""


def test_the_suffix_decides_on_the_format(tmp_path: Path) -> None:
    path = tmp_path / "curves.json"
    write_columns(CURVES, curve_rows(CURVES), path)
    assert json.loads(path.read_bytes())["curves"][0]["counts"] == [3.0, 4.0]
    with pytest.raises(InputError, match=r"must end with \.csv or \.json"):
        write_columns(CURVES, curve_rows(CURVES), tmp_path / "curves.xls")
