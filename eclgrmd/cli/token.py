"""The token that a command sends: from a file or the environment, never from the command line.

Everybody on a machine can read the command lines of all its processes.
"""

import os
from pathlib import Path

import click

from eclgrmd.errors import InputError

from .options import AnyPath

__all__ = ["token_from", "token_option"]

_VARIABLE = "ECLGRMCTL_TOKEN"

token_option = click.option(
    "--token-file",
    type=AnyPath(),
    metavar="FILE",
    help="File with your token (or ECLGRMCTL_TOKEN with the token itself).",
)
"""Names the file with the token of the user."""


def token_from(file: Path | None, otherwise: str = "") -> str:
    """Return the token in a file; without a file `otherwise`, or that of the environment.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    if file is None:
        return otherwise or os.environ.get(_VARIABLE, "").strip()
    try:
        return file.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"file of the token {file}: cannot be read: {error}") from error
