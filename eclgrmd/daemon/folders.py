"""The folders of a daemon, and the name that it keeps in one of them."""

import os
import shutil
from pathlib import Path
from uuid import uuid4

from eclgrmd.caches import private_key
from eclgrmd.errors import FatalError
from eclgrmd.model.names import identifier_from, is_identifier
from eclgrmd.settings.daemon import Settings

__all__ = ["empty_scratch", "node_id", "prepare_folders"]

_HOST_CHARACTERS = 50
"""Characters of the host name in a node id; the rest tells daemons of one host apart."""


def prepare_folders(settings: Settings) -> None:
    """Create the folders that the settings name.

    Raises
    ------
    FatalError
        If one cannot be created.
    """
    for folder in (settings.state_dir, settings.runtime_dir, settings.cache_dir):
        if folder is not None:
            _make(folder)
    private_key(settings.steps_key_file)  # before workers start, which may only read it


def empty_scratch(settings: Settings) -> None:
    """Empty the workers' scratch folder: killed workers leave files there.

    Raises
    ------
    FatalError
        If the folder cannot be created.
    """
    shutil.rmtree(settings.scratch_dir, ignore_errors=True)
    _make(settings.scratch_dir)


def node_id(state_dir: Path) -> str:
    """Return the name under which this daemon claims tasks; it survives restarts."""
    path = state_dir / "node-id"
    try:
        name = path.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        name = ""
    if not is_identifier(name):
        # The first start, or a file that a full disk truncated.
        host = identifier_from(os.uname().nodename)[:_HOST_CHARACTERS]
        name = f"{host or 'eclgrmd'}-{uuid4().hex[:12]}"
        path.write_text(name, encoding="utf-8")
    return name


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FatalError(f"cannot make {error.filename}: {error.strerror}") from error
