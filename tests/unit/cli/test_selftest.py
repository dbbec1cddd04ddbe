"""The self-test finds the known burst, and notices a wrong answer."""

import pytest

from eclgrmd.analysis import known_burst
from eclgrmd.cli import main


def test_the_known_burst_is_analysed_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selftest"]) == 0
    assert "right after" in capsys.readouterr().out


def test_a_wrong_answer_is_noticed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(known_burst.TRUTH, "t50_s", 6.0)
    assert main(["selftest"]) == 1
    assert "WRONG after" in capsys.readouterr().out
