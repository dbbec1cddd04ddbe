"""Skips are listed by reason; with `--refuse-skips` a reason that is not permitted fails."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import CHECKOUT
from tests.support.plugins.skips import permitted_reasons, summary

SOME = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_skips(number):
    pytest.skip({reason!r})

@pytest.mark.xfail
def test_is_expected_to_fail():
    assert False

def test_passes():
    pass
"""


def run(folder: Path, reason: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a pytest of its own on tests of which two are skipped."""
    (folder / "test_some.py").write_text(SOME.format(reason=reason), encoding="utf-8")
    plugin = "tests.support.plugins.skips"
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", "-p", plugin]
    return subprocess.run(
        [*command, "--rootdir", folder, *options, folder],
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
    )


@pytest.mark.parametrize("workers", ["0", "1"])
@pytest.mark.parametrize(
    ("reason", "options", "status", "said"),
    [
        ("no clue", (), 0, "2 tests: no clue"),
        ("no clue", ("--refuse-skips",), 1, "failed: 1 reasons to skip are not permitted"),
        ("only root can become somebody else", ("--refuse-skips",), 0, "permitted: the tests may"),
    ],
)
def test_a_run_tells_what_it_skipped(
    tmp_path: Path, workers: str, reason: str, options: tuple[str, ...], status: int, said: str
) -> None:
    done = run(tmp_path, reason, "-n", workers, *options)
    assert done.returncode == status, done.stdout + done.stderr
    assert said in done.stdout
    assert "1 passed, 2 skipped, 1 xfailed" in done.stdout


def test_a_reason_is_matched_as_a_whole() -> None:
    permitted = {re.compile("no [a-z]+"): "that is so"}
    assert summary({"no data": 2, "no data here": 1}, permitted) == (
        [
            "2 tests: no data",
            "    permitted: that is so",
            "1 test: no data here",
            "    not in tests/skips.toml",
        ],
        ["no data here"],
    )


def test_each_reason_says_why_it_is_permitted() -> None:
    assert all(permitted_reasons().values())
