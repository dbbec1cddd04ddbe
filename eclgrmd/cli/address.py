"""The address of a running daemon."""

import os
from pathlib import Path

import msgspec

from eclgrmd.errors import InputError

__all__ = ["daemon_url", "local_url"]


class _Endpoints(msgspec.Struct, frozen=True):
    rest: str


def daemon_url(url: str | None, settings: Path | None) -> str:
    """Return the REST address of a daemon: as given, or else of the one with these settings.

    Raises
    ------
    InputError
        If no daemon with these settings runs on this machine.
    """
    if url:
        return url
    found, path = local_url(settings)
    if not found:
        raise InputError(f"no daemon runs on this machine ({path} names none): name one with --url")
    return found


def local_url(settings: Path | None) -> tuple[str, Path]:
    """Return the REST address in the file of a running daemon (empty: none), and the file."""
    from eclgrmd.settings.load import load_settings

    path = load_settings(settings, os.environ).runtime_dir / "endpoints.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Endpoints).rest, path
    except (OSError, msgspec.MsgspecError):
        return "", path
