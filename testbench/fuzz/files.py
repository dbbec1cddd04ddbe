"""Parsers of files, and valid files of each kind from the testbench or the program."""

import json
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from astropy.io import fits

from eclgrmd.cli import main
from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.model.configuration.layers import resolve
from eclgrmd.model.names import BurstId
from eclgrmd.settings.load import load_settings
from eclgrmd.settings.task_files import read_layer
from testbench.keywords.options import plain
from testbench.keywords.trial import written

__all__ = ["FITS_KINDS", "fits_seeds", "layer_of", "read_with_companions", "results", "settings_of"]

FITS_KINDS = (
    "NAI_00.fit", "series.pha", "curve.lc", "spectrum0.pha", "both.pha", "det.bak", "det.rsp",
    "attitude.fits",
)  # fmt: skip
"""Files that the testbench writes, by name: events, history, light curve, spectra, their
background and response, quaternions."""
_KINDS = {
    "NAI_00.fit": ("events", {}),
    "series.pha": ("history", {}),
    "curve.lc": ("curve", {}),
    "spectrum0.pha": ("spectrum", {}),
    "both.pha": ("spectrum", {"spectra": "type II", "scales": "column"}),
    "det.bak": ("spectrum", {}),
    "det.rsp": ("spectrum", {"groups": "varying"}),
}
_QUICK = {
    "duration": {"bootstrap": 100},
    "spectral": {"models": ["pl"], "goodness_spectra": 0},
    "products": {"figures": False, "tables": False},
}
"""Task configuration of a short analysis."""


@cache
def _folder() -> Path:
    """Return a folder that exists as long as the process."""
    _folder.kept = tempfile.TemporaryDirectory(prefix="eclgrmd-fuzz-")  # type: ignore[attr-defined]
    return Path(_folder.kept.name)  # type: ignore[attr-defined]


def _put(content: bytes, name: str) -> Path:
    path = _folder() / name
    path.write_bytes(content)
    return path


def layer_of(content: bytes, suffix: str) -> object:
    """Read a task configuration as the command line does."""
    return resolve(read_layer(_put(content, f"task{suffix}"), "task"))


def settings_of(content: bytes) -> object:
    """Read settings as the daemon does."""
    return load_settings(_put(content, "eclgrmd.toml"), {})


def read_with_companions(name: str, content: bytes) -> object:
    """Recognise a file, and read it with the other files of its burst.

    Raises
    ------
    InputError
        If either refuses it.
    """
    path, companions = _example(name)
    path.write_bytes(content)
    refused: InputError | None = None
    try:
        inspect_file(path)
    except InputError as error:
        refused = error
    observation = read_observation([path, *companions], burst_id=BurstId("made-up"))
    if refused is not None:
        raise refused
    return observation


@cache
def _example(name: str) -> tuple[Path, tuple[Path, ...]]:
    folder = _folder() / f"of-{name}"
    folder.mkdir()
    if name not in _KINDS:
        return folder / name, ()
    kind, options = _KINDS[name]
    paths = written(kind, plain(kind) | options, folder)
    return folder / name, tuple(path for path in paths if path.name != name)


@cache
def fits_seeds(name: str) -> Sequence[bytes]:
    """Return a valid file of a kind, as bytes."""
    if name == "attitude.fits":
        return (_attitude(),)
    return (_example(name)[0].read_bytes(),)


def _attitude() -> bytes:
    columns = [
        fits.Column("TIME", "D", "s", array=np.arange(20.0)),
        fits.Column("QPARAM", "4D", array=np.tile([0.0, 0.0, 0.6, 0.8], (20, 1))),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="ATTITUDE")
    table.header.update(INSTRUME="GRM", TELESCOP="SVOM", MJDREFI=57754, MJDREFF=0.0, TIMESYS="TT")
    path = _folder() / "seed-attitude.fits"
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    return path.read_bytes()


@cache
def results() -> Sequence[bytes]:
    """Return `result.json` of a light curve and of spectra, as the program writes it."""
    return tuple(map(_result, ("curve", "spectrum")))


def _result(kind: str) -> bytes:
    folder = _folder() / f"result-{kind}"
    folder.mkdir()
    (folder / "quick.json").write_text(json.dumps(_QUICK))
    files = map(str, written(kind, plain(kind), folder))
    words = ["analyze", *files, "--config", str(folder / "quick.json")]
    if status := main([*words, "--output", str(folder / "out")]):
        raise AssertionError(f"analyze ends with {status}")
    return (folder / "out/result.json").read_bytes()
