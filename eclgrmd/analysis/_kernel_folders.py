"""Folders for the machine code of kernels: one for each state of a module's sources."""

import shutil
import sys
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numba.core import config

from eclgrmd.caches import kernels_beside_code, user_cache

__all__ = ["folder_of", "is_compiled", "remove_old"]

_PACKAGE = "eclgrmd.analysis."
"""Prefix of the modules whose source enters a fingerprint when a kernel imports them."""
_COMPILER = tuple(Path(__file__).with_name(name) for name in ("_jit.py", "_library.py"))
"""Files that decide how kernels are compiled."""


def _constant(value: object) -> bytes:
    """Return the bytes of a constant that is compiled into machine code; empty for other values."""
    if isinstance(value, np.ndarray):
        return value.tobytes()
    return repr(value).encode() if isinstance(value, (int, float, str, tuple, np.generic)) else b""


@cache
def _fingerprint(module: str) -> str:
    """Return a digest of a module's source, its constants, and the kernels that it imports."""
    names = {name: value for name, value in vars(sys.modules[module]).items() if name[:2] != "__"}
    digest = blake2b(Path(str(sys.modules[module].__file__)).read_bytes(), digest_size=8)
    for path in _COMPILER:
        digest.update(path.read_bytes())
    for _, value in sorted(names.items()):
        digest.update(_constant(value))
    sources = {str(getattr(value, "__module__", "")) for value in names.values()}
    for source in sorted(sources - {module, f"{_PACKAGE}_jit"}):
        if source.startswith(_PACKAGE):
            digest.update(_fingerprint(source).encode())
    return digest.hexdigest()


@cache
def _root() -> Path:
    """Return the folder of all machine code.

    It is numba's own setting where that is set, else beside the code, else the user's cache.
    """
    configured = vars(config)["CACHE_DIR"]
    return Path(configured) if configured else kernels_beside_code() or user_cache("kernels")


@cache
def folder_of(module: str) -> Path:
    """Return the folder for the machine code of a module in the current state of its sources.

    Numba checks only the file of the kernel itself. Without this, the machine code of a caller in
    another file would survive a change of the kernel that it calls, and could read arguments with
    the wrong memory layout.
    """
    name = module.removeprefix(_PACKAGE)
    folder = _root() / f"{name}-{_fingerprint(module)}"
    if not folder.exists():
        remove_old(_root(), name)
    return folder


def is_compiled(kernel: Callable[..., object]) -> bool:
    """Return True if there is machine code of a kernel for the present sources."""
    return any(folder_of(kernel.__module__).rglob(f"*.{kernel.__name__}-*.nbi"))


def remove_old(root: Path, name: str) -> None:
    """Remove the folders of earlier states of a module, except for the youngest.

    A daemon may still run with the state before the present one.
    """
    found = [path for path in root.glob(f"{name}-*") if path.is_dir()]
    for path in sorted(found, key=lambda path: path.stat().st_mtime)[:-1]:
        shutil.rmtree(path, ignore_errors=True)
