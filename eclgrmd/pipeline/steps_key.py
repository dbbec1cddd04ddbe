"""The key of the digests over stored steps, which only this installation knows."""

import os
from pathlib import Path

from eclgrmd.caches import private_key
from eclgrmd.model.pipeline import PipelineRequest

__all__ = ["key_of"]


def key_of(request: PipelineRequest) -> bytes:
    """Return the key for a request: that of the daemon, or the user's own."""
    return private_key(Path(request.steps_key) if request.steps_key else _user_file())


def _user_file() -> Path:
    base = os.environ.get("XDG_STATE_HOME")
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home raises if there is none
    return (Path(base) if base else home / ".local" / "state") / "eclgrmd" / "steps.key"
