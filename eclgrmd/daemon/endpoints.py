"""The file `endpoints.json`, which says how to reach a running daemon."""

import json
import os
from pathlib import Path

from eclgrmd.settings.daemon import Settings

__all__ = ["forget_endpoints", "write_endpoints"]


def write_endpoints(settings: Settings, rest_url: str, nats_url: str) -> None:
    """Write the addresses of the daemon; the file is replaced in one step, never half written."""
    path = _endpoints_file(settings)
    found = {
        "pid": os.getpid(),
        "rest": rest_url,
        "nats": nats_url,
        "state_dir": str(settings.state_dir),
    }
    written = path.with_suffix(".new")
    written.unlink(missing_ok=True)
    # The address of a private NATS server contains its login.
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(found, file)
    written.replace(path)


def forget_endpoints(settings: Settings) -> None:
    """Remove the file: the daemon can no longer be reached."""
    _endpoints_file(settings).unlink(missing_ok=True)


def _endpoints_file(settings: Settings) -> Path:
    return settings.runtime_dir / "endpoints.json"
