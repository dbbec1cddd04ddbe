"""Where compiled kernels and fonts are kept, so that a read-only installation works too."""

import os
import tempfile
from pathlib import Path

__all__ = ["kernels_beside_code", "use_writable_caches", "user_cache"]

_PACKAGE = Path(__file__).resolve().parent


def kernels_beside_code() -> Path | None:
    """Return the folder for compiled kernels in a checkout that is ours to write; None elsewhere.

    An installation belongs to whoever installed it, even where we could write to it.
    """
    checkout = _PACKAGE.parent
    ours = (checkout / "pyproject.toml").exists() and os.access(checkout, os.W_OK)
    return _PACKAGE / "analysis" / "__pycache__" / "kernels" if ours else None


def user_cache(name: str) -> Path:
    """Make a folder in the user's cache; a temporary one where there is no home to write to."""
    try:
        base = os.environ.get("XDG_CACHE_HOME")
        cache = (Path(base) if base else Path.home() / ".cache") / "eclgrmd" / name
        cache.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return Path(tempfile.mkdtemp(prefix=f"eclgrmd-{name}-"))
    if os.access(cache, os.W_OK):
        return cache
    return Path(tempfile.mkdtemp(prefix=f"eclgrmd-{name}-"))


def use_writable_caches() -> None:
    """Point numba and matplotlib to folders that are ours to write.

    Must come before the first import of a kernel: without any place to write, numba refuses to
    be imported. What the environment already says stays.
    """
    if "MPLCONFIGDIR" not in os.environ:
        os.environ["MPLCONFIGDIR"] = str(user_cache("matplotlib"))
    if "NUMBA_CACHE_DIR" not in os.environ and kernels_beside_code() is None:
        os.environ["NUMBA_CACHE_DIR"] = str(user_cache("kernels"))
