"""Cholesky factors of symmetric matrices with five diagonals (Rue & Held 2005, section 2.4).

A matrix and its factor are given as main diagonal and the two diagonals below it, shape (n,) each:
element i of the second and third is the one in row i, one and two columns left of the main one.
"""

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["factorised", "lower_solved", "upper_solved"]

_LEAST = 1e-300
"""Smallest square of a pivot, which rounding could make negative."""


@kernel
def factorised(main: Floats, first: Floats, second: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the lower Cholesky factor of a positive definite matrix."""
    pivot, near, far = np.empty(main.size), np.zeros(main.size), np.zeros(main.size)
    for i in range(main.size):
        square = main[i]
        if i > 1:
            far[i] = second[i] / pivot[i - 2]
        if i > 0:
            near[i] = (first[i] - far[i] * near[i - 1]) / pivot[i - 1]
        square -= near[i] ** 2 + far[i] ** 2
        pivot[i] = np.sqrt(max(square, _LEAST))
    return pivot, near, far


@kernel
def lower_solved(pivot: Floats, near: Floats, far: Floats, right: Floats) -> Floats:
    """Solve ``L x = right`` for a factor L."""
    x = np.empty(right.size)
    for i in range(right.size):
        value = right[i]
        if i > 0:
            value -= near[i] * x[i - 1]
        if i > 1:
            value -= far[i] * x[i - 2]
        x[i] = value / pivot[i]
    return x


@kernel
def upper_solved(pivot: Floats, near: Floats, far: Floats, right: Floats) -> Floats:
    """Solve ``L.T x = right`` for a factor L."""
    x = np.empty(right.size)
    for i in range(right.size - 1, -1, -1):
        value = right[i]
        if i + 1 < right.size:
            value -= near[i + 1] * x[i + 1]
        if i + 2 < right.size:
            value -= far[i + 2] * x[i + 2]
        x[i] = value / pivot[i]
    return x
