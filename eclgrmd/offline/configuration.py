"""The task configuration of an analysis: built-in values, the site's layer, and the user's."""

import os
from pathlib import Path
from typing import Any

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.layers import Layer, Resolved, patched, resolve
from eclgrmd.settings.load import load_settings
from eclgrmd.settings.task_files import read_layer, site_layers

__all__ = ["resolved"]


def resolved(
    settings: Path | None, file: Path | None, changes: dict[str, Any] | None = None
) -> Resolved:
    """Return the resolved configuration of all layers.

    Parameters
    ----------
    settings
        Settings file; None: the default one.
    file
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
    site = site_layers(load_settings(settings, os.environ).tasks.configuration_file)
    task = Layer("task", {}) if file is None else read_layer(file, "task")
    try:
        return resolve(*site, Layer(task.name, patched(task.values, changes or {})))
    except InputError as error:
        raise InputError(f"{file or 'options'}: {error}") from error
