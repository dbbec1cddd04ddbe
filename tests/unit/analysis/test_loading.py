import os
import subprocess
import sys
from pathlib import Path

import pytest

CALLED = """
import numpy as np
from eclgrmd.analysis._jit import kernel

@kernel
def doubled(x):
    out = np.empty_like(x)
    for i in range(x.size):
        if x[i] < 0.0:
            raise ValueError("negative")
        out[i] = 2.0 * x[i]
    return out, x.size
"""
CALLER = """
from called import doubled
from eclgrmd.analysis._jit import kernel

@kernel
def summed(x):
    return doubled(x)[0].sum()
"""
FIRST = """
import numpy as np
from called import doubled
print(doubled(np.array([1.5, 2.0])), sum(doubled.stats.cache_hits.values()))
"""
THEN = """
import numpy as np
from called import doubled
from caller import summed
x = np.array([1.5, 2.0])
print(doubled(x), sum(doubled.stats.cache_hits.values()))
try:
    doubled(-x)
except ValueError as error:
    print(error)
print(summed(x), sum(doubled.stats.cache_misses.values()))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "called.py").write_text(CALLED)
    (tmp_path / "caller.py").write_text(CALLER)
    return tmp_path


def printed(folder: Path, text: str) -> list[str]:
    variables = {"NUMBA_CACHE_DIR": str(folder / "cache"), "NUMBA_DISABLE_JIT": "0"}
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=folder,
        env=os.environ | variables,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()


def test_a_loaded_kernel_computes_fails_and_is_linked_as_one_that_was_compiled(
    folder: Path,
) -> None:
    assert printed(folder, FIRST) == ["(array([3., 4.]), 2) 0"]

    assert printed(folder, THEN) == ["(array([3., 4.]), 2) 1", "negative", "7.0 0"]
