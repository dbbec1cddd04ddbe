"""Paths of Unix sockets, which must be short."""

import hashlib
import os
import stat
from pathlib import Path

from eclgrmd.errors import FatalError

__all__ = ["socket_path"]

_LIMIT = 100
"""Longest path, bytes; the kernel allows 107 (sun_path in unix(7)), some programs less."""


def socket_path(folder: Path, name: str) -> Path:
    """Return the path of a socket in a folder, or below /tmp if that path would be too long.

    The folder below /tmp is private and always the same for the same ``folder``, so that at most
    one is ever left behind.

    Raises
    ------
    FatalError
        If the folder below /tmp exists but is not private to this user.
    """
    path = folder / name
    if len(os.fsencode(path)) <= _LIMIT:
        return path
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(f"/tmp/eclgrmd-{os.geteuid()}-{digest}")  # noqa: S108 - short, and checked below
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    ours = found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) == 0o700
    if not ours or not stat.S_ISDIR(found.st_mode):
        raise FatalError(
            f"{short} is not a private folder of ours: remove it, or use a shorter "
            f"runtime directory than {folder}"
        )
    return short / name
