"""Shares many small computations on one common value among processes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

__all__ = ["shared_out"]

C = TypeVar("C")
R = TypeVar("R")
_PER_CALL = 5
"""Computations that are sent to a process at a time."""
_common: list[Any] = []
"""The common value, in a process of the pool."""


def shared_out(
    function: Callable[[C, int], R], common: C, number: int, workers: int
) -> Iterator[R]:
    """Yield `function(common, k)` for each k below a number, in their order.

    The common value is sent to each process once. With one worker this process computes itself.
    """
    if workers == 1:
        yield from (function(common, k) for k in range(number))
        return
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("forkserver"), initializer=_keep, initargs=(common,)
    )
    try:
        calls = [(function, k) for k in range(number)]
        yield from pool.map(_call, calls, chunksize=_PER_CALL)
    finally:
        pool.shutdown(cancel_futures=True)


def _keep(common: object) -> None:
    _common[:] = [common]


def _call(what: tuple[Callable[[Any, int], R], int]) -> R:
    function, number = what
    return function(_common[0], number)
