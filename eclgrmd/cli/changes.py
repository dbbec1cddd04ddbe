"""Changed keys of a task configuration, from the command line."""

import argparse
from pathlib import Path
from typing import Any

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.layers import patched
from eclgrmd.settings.task_files import read_layer, read_value

__all__ = ["add_changes", "changes_of"]


def add_changes(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that change keys."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="POINTER=VALUE",
        help="change one key, for example /background/order=1; null removes the task's own value",
    )
    parser.add_argument(
        "--config", metavar="CHANGES.yaml", help="file with the changed keys (YAML, JSON or TOML)"
    )


def changes_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return the changed keys of `--config` and `--set`; the latter take precedence.

    Raises
    ------
    InputError
        If a file or a key is invalid.
    """
    changes = dict(read_layer(Path(args.config), "changes").values) if args.config else {}
    for each in args.set:
        changes = patched(changes, _nested(each), keep_null=True)
    return changes


def _nested(text: str) -> dict[str, Any]:
    pointer, sign, value = text.partition("=")
    if not sign or not pointer.startswith("/"):
        raise InputError(f"--set {text}: must be POINTER=VALUE, for example /background/order=1")
    found: Any = read_value(value)
    for step in reversed(pointer[1:].split("/")):
        found = {step: found}
    nested: dict[str, Any] = found
    return nested
