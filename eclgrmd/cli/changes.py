"""Changed keys of a task configuration, from the command line."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from msgspec import to_builtins

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.layers import leaves, nested, patched, pointer
from eclgrmd.model.configuration.sections import TaskConfiguration
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
    found: Any = read_value(value)
    if key.startswith("/"):
        steps = tuple(key[1:].split("/"))
    else:
        steps, one_of_a_list = _known(key)
        found = [found] if one_of_a_list and not isinstance(found, list) else found
    return nested({steps: found})


def _known(name: str) -> tuple[tuple[str, ...], bool]:
    """Return the path of the only key of this name, and whether the name is that of an item.

    `model` is an item of `models`, and `spectral.models` the key of one section.
    """
    values = dict(leaves(to_builtins(TaskConfiguration())))
    steps = tuple(name.split("."))
    for wanted, one_of_a_list in ((steps, False), ((*steps[:-1], f"{steps[-1]}s"), True)):
        found = [path for path in values if path[-len(wanted) :] == wanted]
        if len(found) > 1:
            those = ", ".join(map(pointer, found))
            raise InputError(f"--set {name}: several keys have this name: must be one of {those}")
        if found:
            return found[0], one_of_a_list
    near = get_close_matches(pointer(steps), map(pointer, values), n=3, cutoff=0.4)
    raise InputError(f"--set {name}: no key has this name (near it: {', '.join(near) or 'none'})")
