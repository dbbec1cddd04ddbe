"""The servers that a user works with, by name: `~/.config/eclgrmctl.toml`.

default = "cea"

[profiles.cea]
url = "https://grb.example.org"
token_file = "~/.config/eclgrmctl.cea.token"

[profiles.here]
url = "http://127.0.0.1:8641"
"""

import os
import stat
import tomllib
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from eclgrmd.cli.address import local_url
from eclgrmd.cli.token import token_from
from eclgrmd.errors import InputError
from eclgrmd.model.decode import convert_value

__all__ = ["Server", "profile_names", "server"]

_LOCAL = "http://127.0.0.1:8641"
"""Address of the daemon of the package, whose endpoints.json only its own user can read."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""Permissions of all but the owner of a file."""


class _Profile(Struct, frozen=True, forbid_unknown_fields=True):
    """A server."""

    url: str
    """Its REST address."""
    token: str = ""
    """Token of the user; empty: see `token_file`."""
    token_file: str = ""
    """File with the token; empty: none."""


class _Profiles(Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    default: str = ""
    """Profile that is used unless another one is named; empty: the daemon of this machine."""
    profiles: dict[str, _Profile] = {}
    """The servers by name."""


class Server(NamedTuple):
    """A server to work with."""

    url: str
    """Its REST address."""
    token: str
    """Token that is sent to it; empty: none."""


def server(url: str | None, profile: str | None, token_file: Path | None) -> Server:
    """Return the server to work with.

    Its address is the first of these: `url`; the URL of `profile`; the environment variables
    `ECLGRMCTL_URL` and `ECLGRMCTL_PROFILE`, which stand for the same; the default of the file; the
    daemon of this machine. The token is that of the file, of the profile, or of the environment.
    The token of a profile is sent only to the URL of that profile.

    Raises
    ------
    InputError
        If a file is wrong, or there is no such profile.
    """
    environment = os.environ
    if url or (not profile and environment.get("ECLGRMCTL_URL")):
        return Server(url or environment["ECLGRMCTL_URL"], token_from(token_file))
    file = _read()
    name = profile or environment.get("ECLGRMCTL_PROFILE") or file.default
    if not name:
        return Server(local_url(None)[0] or _LOCAL, token_from(token_file))
    if name not in file.profiles:
        known = ", ".join(file.profiles) or "none"
        raise InputError(f"{_path()}: no profile {name!r}: must be one of its profiles ({known})")
    found = file.profiles[name]
    own = token_from(Path(found.token_file)) if found.token_file else found.token
    return Server(found.url, token_from(token_file, own))


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
    found = convert_value(values, _Profiles, what=str(path))
    if any(each.token for each in found.profiles.values()) and path.stat().st_mode & _OTHERS:
        raise InputError(f"{path}: has a token, and others can read it: chmod 600 {path}")
    return found
