"""Changed keys of a task configuration, from the command line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.layers import patched
from eclgrmd.model.configuration.naming import one_change
from eclgrmd.settings.task_files import read_layer, read_value

from .options import ANALYSES, AnyPath

__all__ = ["changes_from", "config_option", "rerun_options", "set_option"]

set_option = click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one key, for example model=cpl or /background/order=1; null removes the task's "
    "own value.",
)
"""Changes one key of a task configuration."""

config_option = click.option(
    "--config",
    type=AnyPath(),
    metavar="CHANGES.yaml",
    help="File with the changed keys (YAML, JSON or TOML).",
)
"""Changes the keys of a task configuration that a file contains."""


def rerun_options(function: Any) -> Any:
    """Add the options of a re-run, beside those that change keys."""
    for option in (
        click.option("--wait", is_flag=True, help="Wait until the new task has ended."),
        click.option("--analysis", type=ANALYSES, help="What to compute.  [default: as before]"),
        click.option(
            "--id",
            "new_id",
            metavar="ID",
            help="Id of the new task.  [default: from the old id and the changes]",
        ),
    ):
        function = option(function)
    return function


def changes_from(config: Path | None, sets: Sequence[str]) -> dict[str, Any]:
    """Return the changed keys of `--config` and `--set`; the latter take precedence.

    Raises
    ------
    InputError
        If a file or a key is invalid.
    """
    changes = dict(read_layer(config, "changes").values) if config else {}
    for each in sets:
        changes = patched(changes, _nested(each), keep_null=True)
    return changes


def _nested(text: str) -> dict[str, Any]:
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise InputError(f"--set {text}: must be KEY=VALUE, for example /background/order=1")
    found = read_value(value)
    try:
        return one_change(key, found)
    except InputError as error:
        raise InputError(f"--set {error}") from error
