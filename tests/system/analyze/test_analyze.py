"""`eclgrmd analyze` as people call it: products, one clear line for what is wrong, exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd import caches
from tests.support.bursts.pulse import light_curve_file
from tests.support.limits import LIMIT_S


def eclgrmd(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "eclgrmd", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        env={**os.environ, "COLUMNS": "100", **environment},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a space in its name, a light curve, and a file that is no data."""
    folder = tmp_path_factory.mktemp("a burst")
    light_curve_file(folder)
    (folder / "notes.md").write_text("seen by eye")
    return folder


def events_without_energies(path: Path) -> Path:
    """Write events that look well until their channels are read, which have one number."""
    time_s = np.linspace(0.0, 60.0, 500)
    events = fits.BinTableHDU.from_columns(
        [fits.Column("TIME", "D", array=time_s), fits.Column("PI", "I", array=np.zeros(500))],
        name="EVENTS",
    )
    low = np.array([10.0, 20.0])
    bounds = fits.BinTableHDU.from_columns(
        [
            fits.Column("CHANNEL", "I", array=np.zeros(2)),
            fits.Column("E_MIN", "E", array=low),
            fits.Column("E_MAX", "E", array=2 * low),
        ],
        name="EBOUNDS",
    )
    fits.HDUList([fits.PrimaryHDU(), events, bounds]).writeto(path)
    return path


def test_a_folder_is_analysed_and_what_is_no_data_is_told(folder: Path, tmp_path: Path) -> None:
    found = eclgrmd("analyze", folder, "--burst-id", "sb26051301", "--output", tmp_path / "out")
    assert found.returncode == 0, found.stderr
    assert "sb26051301" in found.stdout
    assert "T90" in found.stdout
    assert "products in" in found.stdout
    assert "notes.md: is no FITS file" in found.stderr
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names >= {"result.json", "summary.txt", "task.log", "GRM-LC.png", "GRM-LC-500MS.fits"}
    result = json.loads((tmp_path / "out" / "result.json").read_bytes())
    assert result["burst"]["id"] == "sb26051301"
    assert result["inputs"][0]["name"] == "lc.fits"


def test_a_file_of_a_folder_that_cannot_be_read_is_left_out_and_named(
    folder: Path, tmp_path: Path
) -> None:
    """The first inspection finds one fault, and only reading the content another."""
    data = tmp_path / "data"
    data.mkdir()
    whole = (folder / "lc.fits").read_bytes()
    (data / "lc.fits").write_bytes(whole)
    (data / "cut.fits").write_bytes(whole[:4000])
    (data / "gone.fits").symlink_to(tmp_path / "nowhere")
    events_without_energies(data / "deep.fits")
    found = eclgrmd("analyze", data, "--analysis", "temporal", "--output", tmp_path / "out")
    assert found.returncode == 0, found.stderr
    result = json.loads((tmp_path / "out" / "result.json").read_bytes())
    log = (tmp_path / "out" / "task.log").read_text()
    summary = (tmp_path / "out" / "summary.txt").read_text()
    for begin in (
        "cut.fits: is damaged or cut short",
        "gone.fits: no such file",
        "EBOUNDS has a channel twice",
    ):
        told = [flag["text"] for flag in result["flags"] if flag["code"] == "unreadable"]
        assert [text for text in told if text.startswith("left out: ") and begin in text]
        assert begin in log
        assert begin in summary


def test_a_file_that_is_named_must_be_readable_also_beside_its_folder(
    folder: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "lc.fits").write_bytes((folder / "lc.fits").read_bytes())
    deep = events_without_energies(data / "deep.fits")
    found = eclgrmd("analyze", data, deep, "--output", tmp_path / "out")
    assert found.returncode == 2
    assert (
        found.stderr
        == "eclgrmd analyze: deep.fits: EBOUNDS has a channel twice: must have each channel once\n"
    )


def test_a_folder_without_readable_file_has_a_line_for_each(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.fits").write_bytes((folder / "lc.fits").read_bytes()[:4000])
    (data / "b.txt").write_text("no data")
    found = eclgrmd("analyze", data, "--output", tmp_path / "out")
    assert found.returncode == 2
    assert [line.split(": ")[1] for line in found.stderr.splitlines()] == ["a.fits", "b.txt"]


def test_time_zero_and_configuration_can_be_given(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "task.json").write_text('{"duration": {"bin_s": 1.0}, "seed": 5}')
    found = eclgrmd(
        "analyze", folder / "lc.fits", "--trigger-time", "20", "--config",
        tmp_path / "task.json", "--output", tmp_path / "out",
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    result = json.loads((tmp_path / "out" / "result.json").read_bytes())
    assert result["burst"]["t0_met_s"] == 20.0
    assert result["configuration"]["seed"] == 5
    assert result["burst"]["id"] == "lc", "the file's name: its headers name no burst"
    width = result["durations"][0]["t90"]
    assert width["start_s"] < 0 < width["stop_s"]


def test_no_burst_ends_well(tmp_path: Path) -> None:
    quiet = light_curve_file(tmp_path, amplitude=0.0)
    found = eclgrmd("analyze", quiet, "--output", tmp_path / "out")
    assert found.returncode == 0, found.stderr
    assert "no significant excess" in found.stdout


def test_each_bad_file_has_its_line(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.fits").write_bytes((folder / "lc.fits").read_bytes()[:4000])
    found = eclgrmd(
        "analyze", folder / "lc.fits", tmp_path / "gone.fits", tmp_path / "cut.fits",
        folder / "notes.md", "--output", tmp_path / "out",
    )  # fmt: skip
    assert found.returncode == 2
    lines = found.stderr.splitlines()
    assert len(lines) == 3
    for line, name in zip(lines, ("gone.fits", "cut.fits", "notes.md"), strict=True):
        assert line.startswith("eclgrmd analyze: ")
        assert name in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--config", "nowhere.json"), "nowhere.json: No such file"),
        (("--trigger-time", "noon"), "'--trigger-time'"),
        (("--analysis", "everything"), "'--analysis'"),
        ((), "Missing option '--output'"),
    ],
)
def test_a_wrong_argument_is_told(
    folder: Path, words: tuple[str, ...], complaint: str, tmp_path: Path
) -> None:
    output = ("--output", tmp_path / "out") if words else ()
    found = eclgrmd("analyze", folder / "lc.fits", *words, *output)
    assert found.returncode == 2
    assert complaint in found.stderr.splitlines()[-1]


def test_a_wrong_value_of_the_configuration_is_told_with_its_path(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "task.json").write_text('{"duration": {"bin_s": -1}}')
    found = eclgrmd(
        "analyze", folder / "lc.fits", "--config", tmp_path / "task.json", "--output", tmp_path
    )
    assert found.returncode == 2
    (line,) = found.stderr.splitlines()
    assert "task.json" in line
    assert "/duration/bin_s" in line


def test_an_analysis_that_the_data_do_not_allow_is_refused(folder: Path, tmp_path: Path) -> None:
    found = eclgrmd(
        "analyze", folder / "lc.fits", "--analysis", "spectral", "--output", tmp_path / "out"
    )
    assert found.returncode == 2
    assert "a spectral analysis needs" in found.stderr


def test_an_output_that_cannot_be_written_is_a_failure(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    found = eclgrmd("analyze", folder / "lc.fits", "--output", tmp_path / "file" / "out")
    assert found.returncode == 1
    (line,) = found.stderr.splitlines()
    assert "products could not be written" in line


@pytest.fixture
def no_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has said where caches are, and what the test says does not outlive it."""
    for name in ("NUMBA_CACHE_DIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, "")  # without this, nothing would be remembered to be undone
        monkeypatch.delenv(name)


@pytest.mark.usefixtures("no_caches")
def test_kernels_are_kept_in_the_users_cache_where_the_checkout_is_read_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    checkout = Path(caches.__file__).resolve().parents[1]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, _mode: path != checkout)
    caches.use_writable_caches()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "eclgrmd" / "kernels")
    assert (tmp_path / "eclgrmd" / "kernels").is_dir()


@pytest.mark.usefixtures("no_caches")
def test_a_home_that_cannot_be_written_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    caches.use_writable_caches()
    assert Path(os.environ["MPLCONFIGDIR"]).is_dir()
