"""The task configuration of a command: built-in values, the site's layer, and the user's."""

import argparse
import os
from pathlib import Path
from typing import Any

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.layers import Layer, Resolved, patched, resolve
from eclgrmd.settings.task_files import read_layer, site_layers

__all__ = ["add_layers", "resolved"]


def add_layers(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the settings, which name the site's layer."""
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="settings (eclgrmd.toml) that name the site's task configuration",
    )


def resolved(
    settings: Path | None, name: str | None, changes: dict[str, Any] | None = None
) -> Resolved:
    """Return the resolved configuration of all layers.

    Parameters
    ----------
    settings
        Settings file; None: the default one.
    name
        Task configuration file; None: none.
    changes
        Keys that override the task configuration file.

    Raises
    ------
    InputError
        If a file cannot be read, or if a value is invalid.
    FatalError
        If the settings are invalid.
    """
    from eclgrmd.settings.load import load_settings

    site = site_layers(load_settings(settings, os.environ).tasks.configuration_file)
    task = Layer("task", {}) if name is None else read_layer(Path(name), "task")
    try:
        return resolve(*site, Layer(task.name, patched(task.values, changes or {})))
    except InputError as error:
        raise InputError(f"{name or 'options'}: {error}") from error
