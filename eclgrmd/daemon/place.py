"""Where a daemon lives: its folders, its name, and the file that says how to reach it."""

import json
import os
import resource
import shutil
from pathlib import Path
from uuid import uuid4

from eclgrmd.errors import FatalError
from eclgrmd.model.names import identifier_from, is_identifier
from eclgrmd.settings.daemon import Settings

__all__ = [
    "empty_scratch",
    "forget_endpoints",
    "node_id",
    "prepare_folders",
    "take_descriptors",
    "write_endpoints",
]

_FEWEST_DESCRIPTORS = 256
_WANTED_DESCRIPTORS = 4096
"""For REST clients; the rest needs some 60."""


def take_descriptors() -> None:
    """Raise our limit of open files as far as we may and need.

    Raises
    ------
    FatalError
        When it stays too low.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _WANTED_DESCRIPTORS:
        return
    unlimited = hard == resource.RLIM_INFINITY
    wanted = _WANTED_DESCRIPTORS if unlimited else min(hard, _WANTED_DESCRIPTORS)
    if wanted < _FEWEST_DESCRIPTORS:
        raise FatalError(
            f"at most {hard} files may be open at a time, {_FEWEST_DESCRIPTORS} are needed: raise "
            "the limit (LimitNOFILE= of the systemd unit, or ulimit -n)"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def prepare_folders(settings: Settings) -> None:
    """Make the folders that the settings name.

    Raises
    ------
    FatalError
        When one cannot be made.
    """
    for folder in (settings.state_dir, settings.runtime_dir, settings.cache_dir):
        if folder is not None:
            _make(folder)


def empty_scratch(settings: Settings) -> None:
    """Forget what killed workers have left in their folder for passing files.

    Raises
    ------
    FatalError
        When there can be no such folder.
    """
    shutil.rmtree(settings.scratch_dir, ignore_errors=True)
    _make(settings.scratch_dir)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FatalError(f"cannot make {error.filename}: {error.strerror}") from error


def node_id(state_dir: Path) -> str:
    """Give the name under which this daemon claims tasks, the same over its restarts."""
    path = state_dir / "node-id"
    try:
        name = path.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        name = ""
    if not is_identifier(name):
        # None yet, or what a full disk has left of one.
        host = identifier_from(os.uname().nodename)[:50]
        name = f"{host or 'eclgrmd'}-{uuid4().hex[:12]}"
        path.write_text(name, encoding="utf-8")
    return name


def write_endpoints(settings: Settings, rest_url: str, nats_url: str) -> None:
    """Tell how the daemon is reached, in one step: nobody reads half a file."""
    path = _endpoints_file(settings)
    found = {
        "pid": os.getpid(),
        "rest": rest_url,
        "nats": nats_url,
        "state_dir": str(settings.state_dir),
    }
    written = path.with_suffix(".new")
    written.unlink(missing_ok=True)
    # The address of a private NATS server holds its login.
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(found, file)
    written.replace(path)


def forget_endpoints(settings: Settings) -> None:
    """Tell that the daemon is not reached any more."""
    _endpoints_file(settings).unlink(missing_ok=True)


def _endpoints_file(settings: Settings) -> Path:
    return settings.runtime_dir / "endpoints.json"
