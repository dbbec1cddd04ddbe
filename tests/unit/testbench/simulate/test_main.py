from pathlib import Path

import pytest

from testbench.simulate.__main__ import main


def test_the_command_line_simulates_what_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--output", str(tmp_path), "--seed", "3", "--burst", "faint"]) == 0
    printed = capsys.readouterr()
    assert "sb26110801  faint" in printed.out
    assert "1/1  faint" in printed.err
    assert (tmp_path / "sb26110801" / "truth.json").exists()


def test_the_command_line_lists_the_bursts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 17
    assert (
        lines[0]
        == "sb26110101  long          A single smooth pulse of 20 s, seen by all detectors."
    )


def test_an_unknown_burst_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--output", str(tmp_path), "--burst", "nothing"])
    assert stopped.value.code == 2
    assert "no burst is called nothing: must be one of long, short" in capsys.readouterr().err


def test_traps_are_switched_on_for_all_bursts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main(["--output", str(tmp_path), "--burst", "faint", "--traps", "saa"])
    assert b'"truncated"' in (tmp_path / "sb26110801" / "truth.json").read_bytes()
    assert capsys.readouterr().out
