"""The one door to numba: a typed decorator, so that nothing else depends on the compiler."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

__all__ = ["fast_kernel", "kernel"]

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function on arrays; the machine code is kept between runs."""
    return cast("Callable[P, R]", njit(function, cache=True, nogil=True))


def fast_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile like `kernel`, but let sums be reordered; a division by zero gives inf, not an error.

    Infinities and NaN stay what they are: a kernel may test for them.
    """
    reorder = {"reassoc", "contract", "arcp", "nsz"}
    compiled = njit(function, cache=True, nogil=True, fastmath=reorder, error_model="numpy")
    return cast("Callable[P, R]", compiled)
