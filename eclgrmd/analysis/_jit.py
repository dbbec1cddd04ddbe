"""Typed decorators for numba, so that no other module depends on the compiler."""

import sys
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numpy as np
from numba import njit
from numba.core import config
from numba.core.dispatcher import Dispatcher

from eclgrmd.analysis._loading import set_cache
from eclgrmd.caches import kernels_beside_code, user_cache

__all__ = ["fast_kernel", "kernel"]

_PACKAGE = "eclgrmd.analysis."
"""Prefix of the modules whose source enters a fingerprint when a kernel imports them."""

P = ParamSpec("P")
R = TypeVar("R")


def _constant(value: object) -> bytes:
    """Return the bytes of a constant that is compiled into machine code; empty for other values."""
    if isinstance(value, np.ndarray):
        return value.tobytes()
    return repr(value).encode() if isinstance(value, (int, float, str, tuple)) else b""


@cache
def _fingerprint(module: str) -> str:
    """Return a digest of a module's source, its constants, and the kernels that it imports."""
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
    """Return the folder of the machine code.

    It is numba's own setting where that is set, else beside the code, else the user's cache.
    """
    configured = vars(config)["CACHE_DIR"]
    return Path(configured) if configured else kernels_beside_code() or user_cache("kernels")


def _cache_by_fingerprint(module: str) -> None:
    """Set numba's cache to a folder that belongs to the current state of a module's sources.

    Numba checks only the file of the kernel itself. Without this, the machine code of a caller in
    another file would survive a change of the kernel that it calls, and could read arguments with
    the wrong memory layout.
    """
    vars(config)["CACHE_DIR"] = str(_folder() / _fingerprint(module))


def _cached(function: Callable[P, R], compiled: object) -> Callable[P, R]:
    """Give a compiled function its cache, unless numba is switched off."""
    if isinstance(compiled, Dispatcher):
        _cache_by_fingerprint(function.__module__)
        set_cache(compiled, function)
    return cast("Callable[P, R]", compiled)


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function on arrays and cache the machine code between runs."""
    return _cached(function, njit(function, nogil=True))


def fast_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile like `kernel`, with sums reordered for speed and division by zero giving inf.

    Infinities and NaN keep their meaning, so that a kernel may test for them.
    """
    reorder = {"reassoc", "contract", "arcp", "nsz"}
    compiled = njit(function, nogil=True, fastmath=reorder, error_model="numpy")
    return _cached(function, compiled)
