"""Typed decorators for numba, so that no other module depends on the compiler."""

from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar, cast

from numba.core import config, types
from numba.core.registry import CPUDispatcher

from ._kernel_folders import folder_of
from ._library import optimise_once
from ._loading import set_cache

__all__ = ["fast_kernel", "kernel"]

P = ParamSpec("P")
R = TypeVar("R")

_REORDER = {"reassoc", "contract", "arcp", "nsz"}
"""What the compiler may do with sums and products of fast kernels."""

optimise_once()


class _Kernel(CPUDispatcher):
    """A function with two forms: whole and cached for Python, or a part of other kernels.

    Each form is compiled when it is needed. A part has no wrapper that Python could call.
    """

    def __init__(self, function: Callable[..., object], options: Mapping[str, object]) -> None:
        chosen = {"nopython": True, "nogil": True, "no_cfunc_wrapper": True, **options}
        super().__init__(function, targetoptions=chosen)
        self._part = CPUDispatcher(function, targetoptions=chosen | {"no_cpython_wrapper": True})
        # numba chooses the folder by this setting when the cache is made
        vars(config)["CACHE_DIR"] = str(folder_of(function.__module__))
        set_cache(self, function)

    @property
    def _numba_type_(self) -> Any:
        """The type that other kernels see."""
        return types.Dispatcher(self._part)


def _compiled(function: Callable[P, R], options: Mapping[str, object]) -> Callable[P, R]:
    if vars(config)["DISABLE_JIT"]:
        return function
    return cast("Callable[P, R]", _Kernel(function, options))


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function on arrays and cache the machine code between runs."""
    return _compiled(function, {})


def fast_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile like `kernel`, with sums reordered for speed and division by zero giving inf.

    Infinities and NaN keep their meaning, so that a kernel may test for them.
    """
    return _compiled(function, {"fastmath": _REORDER, "error_model": "numpy"})
