"""Reading of the settings: a TOML file, overridden by `ECLGRMD_*` variables."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from eclgrmd.errors import FatalError, InputError
from eclgrmd.model.campaign.scheduler import check_scheduler
from eclgrmd.model.decode import convert_value
from eclgrmd.model.links import LinkPolicy, origin_of
from eclgrmd.model.names import is_subject

from .bounded import read_small_file
from .daemon import DatabaseSettings, Settings

__all__ = ["load_settings", "path_of", "read_secret"]

_PREFIX = "ECLGRMD_"


def load_settings(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the settings from a TOML file (None: only the defaults) and the environment.

    Raises
    ------
    FatalError
        If a value is wrong; the text names file or variable, key, and what would be right.
    """
    table: dict[str, Any] = {}
    if path is not None:
        try:
            table = tomllib.loads(read_small_file(path).decode())
        except OSError as error:
            raise FatalError(f"settings file {path}: {error.strerror}") from error
        except InputError as error:
            raise FatalError(f"settings file {error}") from error
        except (ValueError, RecursionError) as error:
            # Not TOML, not UTF-8, a number with thousands of digits, or nested too deeply.
            raise FatalError(f"settings file {path}: not TOML: {error}") from error
    try:
        settings: Settings = convert_value(table, Settings, what=f"settings file {path}")
        settings = _with_absolute_task_file(_overridden(settings, environment), path)
        _check(settings)
    except InputError as error:
        raise FatalError(str(error)) from error
    return settings


def _with_absolute_task_file(settings: Settings, path: Path | None) -> Settings:
    """Resolve the path of the site's task configuration relative to the settings file."""
    name = settings.tasks.configuration_file
    if not name:
        return settings
    folder = Path() if path is None else path.parent
    absolute = str((folder / Path(name).expanduser()).absolute())
    tasks = msgspec.structs.replace(settings.tasks, configuration_file=absolute)
    return msgspec.structs.replace(settings, tasks=tasks)


def path_of(setting: str) -> Path | None:
    """Return the path that a setting names, or None if the setting is empty.

    ``%d`` stands for systemd's credentials folder, as in its own unit files.
    """
    if folder := os.environ.get("CREDENTIALS_DIRECTORY"):
        setting = setting.replace("%d", folder)
    return Path(setting).expanduser() if setting else None


def read_secret(path: str, *, key: str) -> str | None:
    """Read a secret from the file that a setting names; return None if the setting is empty.

    Parameters
    ----------
    path
        Value of the setting.
    key
        Name of the setting, for the error message.

    Raises
    ------
    FatalError
        If the file cannot be read.
    """
    file = path_of(path)
    if file is None:
        return None
    try:
        return read_small_file(file).decode().rstrip("\n")
    except (OSError, InputError, UnicodeDecodeError) as error:
        raise FatalError(f"{key} = {path!r}: cannot be read: {error}") from error


def _overridden(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """Apply `ECLGRMD_<SECTION>_<KEY>` variables."""
    changed: dict[str, dict[str, Any]] = {}
    names = {
        f"{_PREFIX}{section.name}_{field.name}".upper(): (section.name, field)
        for section in msgspec.structs.fields(Settings)
        for field in msgspec.structs.fields(section.type)
    }
    for variable, text in environment.items():
        if not variable.startswith(_PREFIX):
            continue
        if variable not in names:
            raise InputError(
                f"environment variable {variable}: no such setting "
                f"(allowed: {', '.join(sorted(names))})"
            )
        section, field = names[variable]
        is_list = isinstance(field.default, tuple)
        value: Any = [part for part in text.split(",") if part] if is_list else text
        changed.setdefault(section, {})[field.name] = convert_value(
            value, field.type, what=f"environment variable {variable}", strict=False
        )
    sections = {
        section: msgspec.structs.replace(getattr(settings, section), **values)
        for section, values in changed.items()
    }
    return msgspec.structs.replace(settings, **sections)


def _check(settings: Settings) -> None:
    """Raise InputError for values that their types alone do not exclude."""
    nats, public, mdb = settings.nats.url, settings.rest.public_url, settings.mdb.url
    _check_databases(settings.database)
    if nats and not nats.startswith(("nats://", "tls://")):
        raise InputError(f"nats.url = {nats!r}: must start with nats:// or tls://")
    check_scheduler(settings.compute.dask, key="compute.dask")
    if public and not public.startswith(("http://", "https://")):
        raise InputError(f"rest.public_url = {public!r}: must start with http:// or https://")
    if mdb and (not mdb.startswith(("http://", "https://")) or mdb.endswith("/")):
        raise InputError(f"mdb.url = {mdb!r}: must start with http:// or https:// and not end in /")
    _check_links(settings)
    for key in ("incoming_subject", "vhf_subject", "activity_subject"):
        if not is_subject(subject := getattr(settings.nats, key)):
            raise InputError(
                f"nats.{key} = {subject!r}: must be a NATS subject: words of visible ASCII "
                "characters separated by dots, without the wildcards * and >"
            )
    if settings.rest.key_file and not settings.rest.certificate_file:
        raise InputError(
            "rest.key_file: has no certificate: rest.certificate_file must name the file with it"
        )
    _check_login("nats.url", nats)


def _check_databases(database: DatabaseSettings) -> None:
    for key, url in (("url", database.url), ("migration_url", database.migration_url)):
        if url and not url.startswith("mysql://"):
            raise InputError(f"database.{key} = {url!r}: must start with mysql://")
        _check_login(f"database.{key}", url)
    if database.migration_url and not database.url:
        raise InputError("database.migration_url: must be empty unless database.url is set")


def _check_login(key: str, url: str) -> None:
    if "@" in url and ":" in url.split("//", 1)[1].split("@", 1)[0]:
        raise InputError(f"{key}: contains a password: put it into a file, see password_file")


def _check_links(settings: Settings) -> None:
    links, mdb = settings.links, settings.mdb.url
    for key, origins, networks in (
        ("links.allow", links.allow, ()),
        ("links.networks", (), links.networks),
        ("mdb.url", (origin_of(mdb),) if mdb else (), ()),
    ):
        try:
            LinkPolicy.of(origins, networks)
        except InputError as error:
            raise InputError(f"{key}: {error}") from error
