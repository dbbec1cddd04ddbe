"""Variants of the daemon must find the names that they replace, also after a renaming."""

import os
import subprocess
import sys

import pytest

import testbench.tiny
from testbench.faults.daemons.replacing import replace

VARIANTS = ("crashing", "packet_poison", "slow_reading", "task_poison", "watched")


@pytest.mark.parametrize(
    "module",
    ["testbench.bench.smallest_daemon", *(f"testbench.faults.daemons.{v}" for v in VARIANTS)],
)
def test_every_variant_finds_the_names_that_it_replaces(module: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", module, "--version"],
        env=os.environ | {"CRASH_AT": "before commit:1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_name_that_a_module_does_not_have_is_not_replaced() -> None:
    with pytest.raises(AttributeError, match="tiny_spectrum"):
        replace(testbench.tiny, tiny_spectrum=None)
    assert not hasattr(testbench.tiny, "tiny_spectrum")
