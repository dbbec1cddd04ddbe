"""Functions of ingest that run in worker processes."""

import gzip
import resource
import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.errors import InputError, MachineError
from eclgrmd.ingest.worker_functions import inspect


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


@pytest.fixture
def bomb(tmp_path: Path) -> str:
    """A file that unpacks to 40 MB."""
    path = tmp_path / "bomb.fits.gz"
    header = fits.PrimaryHDU(np.zeros(5_000_000)).header.tostring().encode()
    path.write_bytes(gzip.compress(header + bytes(40_000_000), 1))
    return str(path)


def disk(total: int, free: int) -> object:
    return lambda _: shutil._ntuple_diskusage(total, total - free, free)


def test_what_is_unpacked_leaves_the_reserve_free(
    bomb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr("shutil.disk_usage", disk(10**9, 10**8))
    with pytest.raises(MachineError, match="nothing is wrong with it: no room for so large a file"):
        inspect(bomb, "bomb.fits.gz", 8 * 10**7)
    with pytest.raises(InputError, match="is cut short"):
        inspect(bomb, "bomb.fits.gz", 10**7)
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == before


def test_what_no_disk_like_this_can_hold_is_refused(
    bomb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", disk(10**8, 10**8))
    with pytest.raises(
        InputError, match=r"bomb\.fits\.gz: unpacks to more than 20000000 bytes; the"
    ):
        inspect(bomb, "bomb.fits.gz", 8 * 10**7)
