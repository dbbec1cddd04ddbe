"""Where compiled kernels and fonts are kept, so that a read-only installation works too."""

import os
import tempfile
from pathlib import Path

__all__ = ["use_writable_caches"]


def use_writable_caches() -> None:
    """Point numba and matplotlib to folders that are ours to write.

    Must come before the first import of a kernel: without any place to write, numba refuses to
    be imported. What the environment already says stays.
    """
    checkout = Path(__file__).resolve().parents[2]
    ours = (checkout / "pyproject.toml").exists() and os.access(checkout, os.W_OK)
    if "MPLCONFIGDIR" not in os.environ:
        os.environ["MPLCONFIGDIR"] = str(_user_cache("matplotlib"))
    if "NUMBA_CACHE_DIR" not in os.environ and not ours:
        os.environ["NUMBA_CACHE_DIR"] = str(_user_cache("kernels"))


def _user_cache(name: str) -> Path:
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
