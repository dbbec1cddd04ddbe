"""Programs that some tests need; `tests/run` installs them where it may."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

__all__ = [
    "needs_gdt",
    "needs_program",
    "needs_sherpa",
    "needs_stingray",
    "needs_threeml",
    "program",
]


def program(name: str) -> Path | None:
    """Return the path of a program, looked for beside this Python and in PATH."""
    folders = [Path(sys.executable).parent, *map(Path, os.get_exec_path())]
    found = shutil.which(name, path=os.pathsep.join(map(str, folders)))
    return None if found is None else Path(found)


def needs_program(name: str, *, package: str) -> pytest.MarkDecorator:
    """Skip a test where a program is not installed; `package` is the Debian package that has it."""
    return pytest.mark.skipif(
        program(name) is None, reason=f"{name} is not installed (Debian package {package})"
    )


def _needs_reader(module: str, name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        importlib.util.find_spec(module) is None,
        reason=f"{name} is not installed (tests/run builds it where it may install compilers)",
    )


needs_sherpa = _needs_reader("sherpa", "sherpa")
needs_gdt = _needs_reader("gdt", "gdt-core")
needs_stingray = _needs_reader("stingray", "stingray")
needs_threeml = _needs_reader("threeML", "threeML")
