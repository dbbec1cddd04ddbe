"""What ingest has done in a worker process."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.errors import InputError
from eclgrmd.ingest.jobs import inspect


def test_a_file_that_is_kept_under_another_name_is_read_under_its_own(tmp_path: Path) -> None:
    columns = [
        fits.Column("CHANNEL", "J", array=np.arange(4)),
        fits.Column("COUNTS", "J", array=np.arange(4)),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="SPECTRUM")
    table.header["EXPOSURE"] = 1.0
    path = tmp_path / "0123abcd"
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    assert inspect(str(path), "n3.bkg")["kind"] == "background"
    assert inspect(str(path), "n3.src")["kind"] == "spectrum"
    assert inspect(str(path), "n3.src")["detectors"] == ("n3",)


def test_what_is_wrong_is_told_of_the_files_own_name(tmp_path: Path) -> None:
    path = tmp_path / "0123abcd"
    path.write_text("no FITS at all")
    with pytest.raises(InputError, match=r"a\.fits") as told:
        inspect(str(path), "a.fits")
    assert str(tmp_path) not in str(told.value)
    assert "eclgrmd-inspect" not in str(told.value)
