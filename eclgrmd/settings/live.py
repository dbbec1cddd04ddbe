"""The settings in force: one view for all parts of the daemon, which a reload changes."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import FieldInfo

from eclgrmd.model.configuration.layers import Layer
from eclgrmd.settings.daemon import Settings, needs_restart

__all__ = ["Adopted", "LiveSettings", "LoadedSettings"]

_SITE_FILE = "tasks.configuration_file"


class LoadedSettings(NamedTuple):
    """What the operator has written."""

    settings: Settings
    layers: tuple[Layer, ...] = ()
    """Task configurations below what a task itself says, as read from `configuration_file`."""


class Adopted(NamedTuple):
    """What a reload did, each setting as ``section.key``."""

    changed: tuple[str, ...]
    """In force from now on."""
    waiting: tuple[str, ...]
    """Different from what is in force, which stays until a restart."""


class LiveSettings:
    """The settings as they are now.

    Whoever needs a setting reads it here when it is used and keeps no copy: what `now` gives may
    be another value at the next step. Settings that need a restart keep the value of the start.
    """

    def __init__(self, given: LoadedSettings) -> None:
        self._given = given

    @property
    def now(self) -> Settings:
        """The settings in force."""
        return self._given.settings

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Task configurations in force, below what a task itself says; a new tuple if changed."""
        return self._given.layers

    def adopt(self, given: LoadedSettings) -> Adopted:
        """Put in force what needs no restart."""
        changed, waiting, kept = [], [], given.settings
        for section, key in _differences(self.now, given.settings):
            if needs_restart(key):
                waiting.append(f"{section}.{key.name}")
                in_force = getattr(getattr(self.now, section), key.name)
                kept = _with(kept, section, key.name, in_force)
            else:
                changed.append(f"{section}.{key.name}")
        if given.layers != self.layers and _SITE_FILE not in changed:
            changed.append(_SITE_FILE)  # the same file, with another content
        self._given = LoadedSettings(kept, given.layers)
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
