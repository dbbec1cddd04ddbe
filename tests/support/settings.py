"""Settings in force, for parts that are tested alone."""

from typing import Any

import msgspec

from eclgrmd.settings.daemon import Settings
from eclgrmd.settings.live import LiveSettings, LoadedSettings

__all__ = ["live"]


def live(**sections: Any) -> LiveSettings:
    """Return settings of which some differ from their defaults: ``live(tasks={"poll_s": 0.1})``."""
    return LiveSettings(LoadedSettings(msgspec.convert(msgspec.to_builtins(sections), Settings)))
