"""The one door to numba: typed decorators, so that nothing else depends on the compiler."""

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from numba import njit
from numba.core import config

__all__ = ["fast_kernel", "kernel"]

P = ParamSpec("P")
R = TypeVar("R")


def _fingerprint() -> str:
    """Digest the sources of all kernels: the files that import this one."""
    digest = blake2b(digest_size=8)
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        text = source.read_bytes()
        if b"_jit" in text:
            digest.update(text)
    return digest.hexdigest()


def _keep_by_fingerprint() -> None:
    """Keep machine code in a folder of its own for each state of the sources.

    Numba looks only at the file of the kernel itself: machine code of a caller in another file
    would outlive a change of what it calls, and work on memory laid out differently.
    """
    settings = vars(config)
    places = [Path(__file__).parent / "__pycache__", Path.home() / ".cache" / "eclgrmd"]
    for place in [Path(settings["CACHE_DIR"])] if settings["CACHE_DIR"] else places:
        folder = place / f"kernels-{_fingerprint()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        settings["CACHE_DIR"] = str(folder)
        return


_keep_by_fingerprint()


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
