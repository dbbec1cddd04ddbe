"""The task configuration that the user named, above that of the site."""

import argparse
import os
from pathlib import Path
from typing import Any

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.layers import Layer, Resolved, patched, resolve
from eclgrmd.settings.task_files import read_layer, site_layers

__all__ = ["add_layers", "resolved"]


def add_layers(parser: argparse.ArgumentParser) -> None:
    """Describe the argument that names the settings, which name the site's layer."""
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="settings (eclgrmd.toml) that name the site's task configuration",
    )


def resolved(
    settings: Path | None, name: str | None, changes: dict[str, Any] | None = None
) -> Resolved:
    """Put built-in values, the site's, the task configuration file and changes to it together.

    Raises
    ------
    InputError
        When a file cannot be read, or a value is wrong.
    FatalError
        When the settings are wrong.
    """
    from eclgrmd.settings.load import load_settings

    site = site_layers(load_settings(settings, os.environ).tasks.configuration_file)
    task = Layer("task", {}) if name is None else read_layer(Path(name), "task")
    try:
        return resolve(*site, Layer(task.name, patched(task.values, changes or {})))
    except InputError as error:
        raise InputError(f"{name or 'options'}: {error}") from error
