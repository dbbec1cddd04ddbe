"""Spectra of which published fits used only a part."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.model.configuration.sections import TaskConfiguration
from testbench.comparison.case import Case, Selection
from testbench.comparison.selection import BAD, selected_files


def write_spectrum(path: Path) -> None:
    channel = fits.Column(name="CHANNEL", format="I", array=np.arange(6))
    counts = fits.Column(name="COUNTS", format="J", array=np.arange(6))
    table = fits.BinTableHDU.from_columns([channel, counts], name="SPECTRUM")
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)


def test_companions_are_found_beside_a_copy_that_has_bad_bins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("copies").mkdir()
    write_spectrum(Path("data/n0.pha"))
    Path("data/n0.rsp").write_text("a response")
    case = Case(
        "made up",
        (Path("data/n0.pha"), Path("data/n0.rsp")),
        TaskConfiguration(),
        (),
        "nobody",
        selections={"n0.pha": Selection(((2, 3),))},
    )
    spectrum, response = selected_files(case, Path("copies"))
    assert response.read_text() == "a response"
    with fits.open(spectrum) as file:
        assert file["SPECTRUM"].data["QUALITY"].tolist() == [0, BAD, BAD, 0, 0, 0]
    with fits.open("data/n0.pha") as file:
        assert "QUALITY" not in file["SPECTRUM"].columns.names
