"""The key of the digests over stored steps, which only this installation knows."""

import os
import secrets
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from eclgrmd.model.pipeline import PipelineRequest

__all__ = ["key_of"]

_SIZE = 32
"""Length of the key, bytes."""


def key_of(request: PipelineRequest) -> bytes:
    """Return the key for a request: that of the daemon, or the user's own.

    The file is made (mode 0600) if it does not exist. If it can be neither read nor made, the key
    is a new random one: outcomes are then computed again.
    """
    return _key(Path(request.steps_key) if request.steps_key else _user_file())


def _user_file() -> Path:
    base = os.environ.get("XDG_STATE_HOME")
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home raises if there is none
    return (Path(base) if base else home / ".local" / "state") / "eclgrmd" / "steps.key"


@cache
def _key(path: Path) -> bytes:
    with suppress(OSError):
        if not path.exists():
            _make(path)
        key = path.read_bytes()
        if len(key) == _SIZE:
            return key
    return secrets.token_bytes(_SIZE)


def _make(path: Path) -> None:
    """Write a key; of several processes that do so, the first one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_SIZE))
    with suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()
