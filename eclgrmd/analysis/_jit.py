"""The one door to numba: typed decorators, so that nothing else depends on the compiler."""

import sys
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numpy as np
from numba import njit
from numba.core import config

from eclgrmd.caches import kernels_beside_code, user_cache

__all__ = ["fast_kernel", "kernel"]

_PACKAGE = "eclgrmd.analysis."

P = ParamSpec("P")
R = TypeVar("R")


def _constant(value: object) -> bytes:
    """Spell a constant that the compiler freezes into machine code; nothing for other values."""
    if isinstance(value, np.ndarray):
        return value.tobytes()
    return repr(value).encode() if isinstance(value, (int, float, str, tuple)) else b""


@cache
def _fingerprint(module: str) -> str:
    """Digest what kernels are made of: their module's source, its constants, what it imports."""
    names = {name: value for name, value in vars(sys.modules[module]).items() if name[:2] != "__"}
    digest = blake2b(Path(str(sys.modules[module].__file__)).read_bytes(), digest_size=8)
    for _, value in sorted(names.items()):
        digest.update(_constant(value))
    sources = {str(getattr(value, "__module__", "")) for value in names.values()}
    for source in sorted(sources - {module, __name__}):
        if source.startswith(_PACKAGE):
            digest.update(_fingerprint(source).encode())
    return digest.hexdigest()


@cache
def _folder() -> Path:
    """Return where machine code is kept: where numba is told, beside the code, or in the home."""
    told = vars(config)["CACHE_DIR"]
    return Path(told) if told else kernels_beside_code() or user_cache("kernels")


def _keep_by_fingerprint(module: str) -> None:
    """Keep machine code in a folder of its own for each state of what it was made from.

    Numba looks only at the file of the kernel itself: machine code of a caller in another file
    would outlive a change of what it calls, and work on memory laid out differently.
    """
    vars(config)["CACHE_DIR"] = str(_folder() / _fingerprint(module))


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function on arrays; the machine code is kept between runs."""
    _keep_by_fingerprint(function.__module__)
    return cast("Callable[P, R]", njit(function, cache=True, nogil=True))


def fast_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile like `kernel`, but let sums be reordered; a division by zero gives inf, not an error.

    Infinities and NaN stay what they are: a kernel may test for them.
    """
    _keep_by_fingerprint(function.__module__)
    reorder = {"reassoc", "contract", "arcp", "nsz"}
    compiled = njit(function, cache=True, nogil=True, fastmath=reorder, error_model="numpy")
    return cast("Callable[P, R]", compiled)
