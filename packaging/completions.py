"""Writes the scripts by which bash, zsh and fish complete the command lines of the programs.

Usage: completions.py FOLDER
"""

import sys
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from eclgrmd import cli
from eclgrmd.cli import control

_FILES = {"bash": "{}", "zsh": "_{}", "fish": "{}.fish"}
"""Name of a script, for each shell."""


def write_completions(folder: Path, program: click.Group) -> None:
    """Write the scripts of a program; they run it for each completion."""
    name = program.name or ""
    for shell, file in _FILES.items():
        kind = get_completion_class(shell)
        if kind is None:
            raise LookupError(f"click completes nothing in {shell}")
        (folder / shell).mkdir(parents=True, exist_ok=True)
        script = kind(program, {}, name, f"_{name.upper()}_COMPLETE").source()
        (folder / shell / file.format(name)).write_text(script, encoding="utf-8")


if __name__ == "__main__":
    for each in (cli, control):
        write_completions(Path(sys.argv[1]), each.program())
