"""Kernels for small symmetric linear systems.

They replace numpy.linalg, which takes numba seconds to compile.
"""

import math

import numpy as np

from eclgrmd.analysis._jit import fast_kernel
from eclgrmd.model.observation import Floats

__all__ = ["cholesky", "invert", "solve"]


@fast_kernel
def cholesky(A: Floats, L: Floats) -> bool:
    """Fill `L` with the Cholesky factor of A = L L^T.

    Returns
    -------
    bool
        False if A is not positive definite to working precision (a pivot below 1e-12 of its
        diagonal element); `L` is then incomplete.
    """
    n = A.shape[0]
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i == j:
                if not s > 1e-12 * abs(A[i, i]) or s == np.inf:
                    return False
                L[i, i] = math.sqrt(s)
            else:
                L[i, j] = s / L[j, j]
    return True


@fast_kernel
def solve(L: Floats, b: Floats) -> None:
    """Solve L L^T x = b; `b` is replaced by x."""
    n = b.size
    for i in range(n):
        for k in range(i):
            b[i] -= L[i, k] * b[k]
        b[i] /= L[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            b[i] -= L[k, i] * b[k]
        b[i] /= L[i, i]


@fast_kernel
def invert(A: Floats, out: Floats) -> bool:
    """Fill `out` with the inverse of a positive definite matrix, scaled to a unit diagonal first.

    Returns
    -------
    bool
        False if A is not positive definite; `out` is then unchanged.
    """
    n = A.shape[0]
    L = np.zeros((n, n))
    scale = np.empty(n)
    scaled = np.empty((n, n))
    for i in range(n):
        if not A[i, i] > 0.0:
            return False
        scale[i] = 1.0 / math.sqrt(A[i, i])
    for i in range(n):
        for j in range(n):
            scaled[i, j] = A[i, j] * scale[i] * scale[j]
    if not cholesky(scaled, L):
        return False
    column = np.empty(n)
    for j in range(n):
        column[:] = 0.0
        column[j] = 1.0
        solve(L, column)
        for i in range(n):
            out[i, j] = column[i] * scale[i] * scale[j]
    return True
