"""The servers that a user works with, by name: `~/.config/eclgrmctl.toml`.

default = "cea"

[profiles.cea]
url = "https://grb.example.org"

[profiles.here]
url = "http://127.0.0.1:8641"
"""

import os
import tomllib
from pathlib import Path

from msgspec import Struct

from eclgrmd.cli.address import local_url
from eclgrmd.errors import InputError
from eclgrmd.model.decode import convert_value

__all__ = ["profile_names", "server_url"]

_LOCAL = "http://127.0.0.1:8641"
"""Address of the daemon of the package, whose endpoints.json only its own user can read."""


class _Profile(Struct, frozen=True, forbid_unknown_fields=True):
    """A server."""

    url: str
    """Its REST address."""


class _Profiles(Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    default: str = ""
    """Profile that is used unless another one is named; empty: the daemon of this machine."""
    profiles: dict[str, _Profile] = {}
    """The servers by name."""


def server_url(url: str | None, profile: str | None) -> str:
    """Return the address of the server to work with.

    It is the first of these: `url`; the URL of `profile`; the environment variables
    `ECLGRMCTL_URL` and `ECLGRMCTL_PROFILE`, which stand for the same; the default of the file; the
    daemon of this machine.

    Raises
    ------
    InputError
        If the file is wrong, or has no such profile.
    """
    environment = os.environ
    if url or (not profile and environment.get("ECLGRMCTL_URL")):
        return url or environment["ECLGRMCTL_URL"]
    file = _read()
    name = profile or environment.get("ECLGRMCTL_PROFILE") or file.default
    if not name:
        return local_url(None)[0] or _LOCAL
    if name not in file.profiles:
        known = ", ".join(file.profiles) or "none"
        raise InputError(f"{_path()}: no profile {name!r}: must be one of its profiles ({known})")
    return file.profiles[name].url


def profile_names() -> list[str]:
    """Return the names of all profiles."""
    return list(_read().profiles)


def _path() -> Path:
    folder = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(folder).expanduser() / "eclgrmctl.toml"


def _read() -> _Profiles:
    path = _path()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _Profiles()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{path}: not TOML: {error}") from error
    return convert_value(values, _Profiles, what=str(path))
