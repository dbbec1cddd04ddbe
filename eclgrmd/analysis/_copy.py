"""Kernels that copy arrays.

They replace slice assignments between arrays, for which numba compiles the text of an error message
into every kernel.
"""

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["copy_matrix", "copy_to"]


@kernel
def copy_to(target: Floats, source: Floats) -> None:
    """Fill `target` with `source`, shape (n,)."""
    for i in range(source.size):
        target[i] = source[i]


@kernel
def copy_matrix(target: Floats, source: Floats) -> None:
    """Fill the first rows and columns of `target` with `source`, shape (n, m)."""
    for i in range(source.shape[0]):
        copy_to(target[i], source[i])
