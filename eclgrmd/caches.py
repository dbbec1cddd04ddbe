"""Cache folders for compiled kernels and fonts, and the key that marks what may be reused.

All work in a read-only installation, too.
"""

import os
import secrets
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

__all__ = ["kernels_beside_code", "private_key", "use_writable_caches", "user_cache"]

_KEY_BYTES = 32
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


@cache
def private_key(path: Path) -> bytes:
    """Return the key in a file, which is made (mode 0600) if it does not exist.

    If it can be neither read nor made, return a new random one: what others marked is then unknown.
    """
    with suppress(OSError):
        if not path.exists():
            _make_key(path)
        key = path.read_bytes()
        if len(key) == _KEY_BYTES:
            return key
    return secrets.token_bytes(_KEY_BYTES)


def _make_key(path: Path) -> None:
    """Write a key; of several processes that do so, the first one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES))
    with suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()
