"""The settings in force, shared by all parts of the daemon and changed by a reload."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import FieldInfo

from eclgrmd.model.configuration.layers import Layer
from eclgrmd.settings.daemon import Settings
from eclgrmd.settings.kinds import needs_restart

__all__ = ["Adopted", "LiveSettings", "LoadedSettings"]

_SITE_FILE = "tasks.configuration_file"


class LoadedSettings(NamedTuple):
    """The settings and the site's task configuration, as read from files and environment."""

    settings: Settings
    """All settings."""
    layers: tuple[Layer, ...] = ()
    """Task configuration of the site, from `tasks.configuration_file`; a task may override it."""


class Adopted(NamedTuple):
    """The outcome of a reload; each setting is named as ``section.key``."""

    changed: tuple[str, ...]
    """Settings with a new value, in force from now on."""
    waiting: tuple[str, ...]
    """Settings with a new value that needs a restart; the old value stays in force."""


class LiveSettings:
    """The settings in force.

    Read a setting here at each use and keep no copy, since `now` may return other values after a
    reload. Settings that need a restart keep the value of the start.
    """

    def __init__(self, loaded: LoadedSettings) -> None:
        self._loaded = loaded

    @property
    def now(self) -> Settings:
        """The settings in force."""
        return self._loaded.settings

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The site's task configuration in force; a reload replaces the tuple."""
        return self._loaded.layers

    def adopt(self, loaded: LoadedSettings) -> Adopted:
        """Put new values in force, except those that need a restart; return what changed."""
        changed, waiting, kept = [], [], loaded.settings
        for section, key in _differences(self.now, loaded.settings):
            if needs_restart(key):
                waiting.append(f"{section}.{key.name}")
                in_force = getattr(getattr(self.now, section), key.name)
                kept = _with(kept, section, key.name, in_force)
            else:
                changed.append(f"{section}.{key.name}")
        if loaded.layers != self.layers and _SITE_FILE not in changed:
            changed.append(_SITE_FILE)  # the same file with new content
        self._loaded = LoadedSettings(kept, loaded.layers)
        return Adopted(tuple(changed), tuple(waiting))


def _differences(old: Settings, new: Settings) -> Iterator[tuple[str, FieldInfo]]:
    """Yield section and key of each setting that differs."""
    for section in msgspec.structs.fields(Settings):
        before, after = getattr(old, section.name), getattr(new, section.name)
        for key in msgspec.structs.fields(section.type):
            if getattr(before, key.name) != getattr(after, key.name):
                yield section.name, key


def _with(settings: Settings, section: str, key: str, value: Any) -> Settings:
    changed = msgspec.structs.replace(getattr(settings, section), **{key: value})
    return msgspec.structs.replace(settings, **{section: changed})
