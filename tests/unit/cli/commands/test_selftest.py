"""The self-test passes for the known burst, and fails for a wrong value."""

import re

import pytest

from eclgrmd.cli import known_burst, main
from eclgrmd.cli.commands import selftest


def test_the_known_burst_is_analysed_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selftest"]) == 0
    found = re.search(r"right, (\d+) products", capsys.readouterr().out)
    assert found is not None
    assert int(found[1]) > 10


def test_a_wrong_answer_is_noticed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(known_burst.TRUTH, "t50_s", 6.0)
    assert main(["selftest"]) == 1
    assert "WRONG, " in capsys.readouterr().out


def test_a_missing_product_is_noticed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selftest, "_KINDS", ("result", "hologram"))
    assert main(["selftest"]) == 1
    assert "no product of kind hologram" in capsys.readouterr().out
