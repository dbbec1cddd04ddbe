"""The one door to numba: a typed decorator, so that nothing else depends on the compiler."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

__all__ = ["kernel"]

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function on arrays; the machine code is kept between runs."""
    return cast("Callable[P, R]", njit(function, cache=True, nogil=True))
