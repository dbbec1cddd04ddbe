"""`eclgrmd archive` and `eclgrmd report` take a folder that `eclgrmd analyze` wrote."""

import json
import zipfile
from pathlib import Path

import pytest

from eclgrmd.cli import main
from eclgrmd.model.result import BurstTime, Result
from eclgrmd.products.result import encode


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a folder with the products of a run, and a file of the user."""
    folder = tmp_path / "run"
    folder.mkdir()
    result = Result(burst=BurstTime("b1", None, None), durations=(), spectra=())
    (folder / "result.json").write_bytes(encode(result))
    (folder / "summary.txt").write_text("b1\n")
    (folder / "steps.msgpack").write_bytes(b"\x80")
    (folder / "my-notes.txt").write_text("mine")
    names = ("result.json", "summary.txt", "steps.msgpack")
    lines = [json.dumps({"event": "product written", "name": name}) for name in names]
    (folder / "task.log").write_text("\n".join(lines) + "\n")
    return folder


def test_an_archive_has_the_products_and_nothing_of_the_user(run: Path, tmp_path: Path) -> None:
    output = tmp_path / "b.zip"
    assert main(["archive", str(run), "--output", str(output)]) == 0
    with zipfile.ZipFile(output) as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
    texts = {"README.txt", "SHA256SUMS", "LICENSE.txt", "CITATION.cff"}
    assert names == {"result.json", "summary.txt", "task.log"} | texts


def test_a_report_is_written_beside_the_products(run: Path) -> None:
    assert main(["report", str(run)]) == 0
    assert "<h1>b1</h1>" in (run / "report.html").read_text()


@pytest.mark.parametrize("command", ["archive", "report"])
def test_a_folder_without_a_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main([command, str(tmp_path)]) == 2
    assert "must be a folder that `eclgrmd analyze` wrote" in capsys.readouterr().err
