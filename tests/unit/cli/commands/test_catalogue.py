"""`eclgrmd catalogue` reads results below folders and writes them in the format of the suffix."""

from pathlib import Path

import pytest
from astropy.table import Table

from eclgrmd.cli import main
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.result import BurstTime, Result
from eclgrmd.products.result import encode


def write_result(folder: Path, burst_id: str) -> None:
    folder.mkdir(parents=True)
    result = Result(
        burst=BurstTime(burst_id, None, None),
        durations=(),
        spectra=(),
        configuration=TaskConfiguration(),
    )
    (folder / "result.json").write_bytes(encode(result))


def test_all_results_below_a_folder_become_rows(tmp_path: Path) -> None:
    for name in ("b", "a/deep", ".unfinished"):
        write_result(tmp_path / "runs" / name, f"burst-{name[0]}")
    output = tmp_path / "all.ecsv"
    assert main(["catalogue", str(tmp_path / "runs"), "--output", str(output)]) == 0
    assert list(Table.read(output, format="ascii.ecsv")["name"]) == ["burst-a", "burst-b"]


def test_a_result_that_cannot_be_read_is_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_result(tmp_path / "good", "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "result.json").write_text('{"schema": "eclgrmd.result/1"}')
    output = tmp_path / "all.csv"
    assert main(["catalogue", str(tmp_path), "--output", str(output)]) == 0
    assert "eclgrmd.result/1" in capsys.readouterr().err
    assert output.read_text().count("\n") == 2


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["missing"], "missing: no such file or folder"),
        (["."], "no result.json"),
        ([".", "--output", "x.txt"], "the suffix names no format"),
    ],
)
def test_wrong_input_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    named: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["catalogue", *arguments]) == 2
    assert named in capsys.readouterr().err
