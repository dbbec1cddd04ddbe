"""Cache folders for compiled kernels and fonts; they also work in a read-only installation."""

import os
import tempfile
from pathlib import Path

__all__ = ["kernels_beside_code", "use_writable_caches", "user_cache"]

_PACKAGE = Path(__file__).resolve().parent


def kernels_beside_code() -> Path | None:
    """Return the folder for compiled kernels in a writable checkout; None in an installation.

    An installed package is never written to, even where its permissions allow it.
    """
    checkout = _PACKAGE.parent
    writable = (checkout / "pyproject.toml").exists() and os.access(checkout, os.W_OK)
    return _PACKAGE / "analysis" / "__pycache__" / "kernels" if writable else None


def user_cache(name: str) -> Path:
    """Make a folder in the user's cache, or a temporary folder if the home is not writable."""
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
    """Point numba and matplotlib to writable cache folders.

    Call this before the first kernel is imported: numba cannot be imported without a writable
    cache folder. Variables that are set already are kept.
    """
    if "MPLCONFIGDIR" not in os.environ:
        os.environ["MPLCONFIGDIR"] = str(user_cache("matplotlib"))
    if "NUMBA_CACHE_DIR" not in os.environ and kernels_beside_code() is None:
        os.environ["NUMBA_CACHE_DIR"] = str(user_cache("kernels"))
