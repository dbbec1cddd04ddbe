"""Kernels are compiled once: whole for Python, and not by themselves for other kernels."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from numba.core import config

from eclgrmd.analysis import _kernel_folders
from eclgrmd.analysis._jit import kernel
from eclgrmd.analysis._kernel_folders import is_compiled, remove_old


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path) -> Iterator[None]:
    before = vars(config)["CACHE_DIR"]
    vars(config)["CACHE_DIR"] = str(tmp_path)
    functions = (_kernel_folders._root, _kernel_folders.folder_of)
    for function in functions:
        function.cache_clear()
    yield
    for function in functions:
        function.cache_clear()
    vars(config)["CACHE_DIR"] = before


def two_kernels() -> tuple[Any, Any]:
    """Return a kernel and another one that calls it."""

    @kernel
    def inner(x: float) -> float:
        if x < 0.0:
            raise ValueError("x is negative")
        return 2.0 * x

    @kernel
    def outer(x: float) -> float:
        return inner(x) + 1.0

    return inner, outer


def test_a_kernel_that_only_kernels_call_is_not_compiled_by_itself() -> None:
    inner, outer = two_kernels()
    assert outer(2.0) == 5.0
    assert not inner.overloads
    (part,) = inner._part.overloads.values()
    assert not part.library._finalized


def test_python_can_call_a_kernel_that_is_a_part_of_another_one() -> None:
    inner, outer = two_kernels()
    assert outer(2.0) == 5.0
    assert inner(2.0) == 4.0


def test_an_error_in_a_part_reaches_python() -> None:
    _, outer = two_kernels()
    with pytest.raises(ValueError, match="x is negative"):
        outer(-1.0)


def test_machine_code_is_kept_for_the_next_process() -> None:
    inner, outer = two_kernels()
    assert not is_compiled(outer)
    outer(2.0)
    assert is_compiled(outer)
    assert not is_compiled(inner)


def test_machine_code_of_earlier_sources_is_removed_but_for_the_last(tmp_path: Path) -> None:
    for age, name in enumerate(("fit.search-3", "fit.search-2", "fit.search-1", "fit.profile-1")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "kernel.nbc").touch()
        os.utime(tmp_path / name, (1000.0 + age, 1000.0 + age))
    remove_old(tmp_path, "fit.search")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fit.profile-1", "fit.search-1"]
