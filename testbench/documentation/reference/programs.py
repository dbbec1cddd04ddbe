"""The pages of the programs `eclgrmd` and `eclgrmctl`, from their commands."""

from collections.abc import Iterator

import click

from eclgrmd import cli
from eclgrmd.cli import control

__all__ = ["eclgrmctl_page", "eclgrmd_page"]

_WIDTH = 88
"""Characters of a line of help."""


def eclgrmd_page() -> str:
    """Return the page of `eclgrmd` in Markdown."""
    return _page(cli.program(), "The daemon, and analyses without it.")


def eclgrmctl_page() -> str:
    """Return the page of `eclgrmctl` in Markdown."""
    return _page(control.program(), "Works with a running daemon by its REST interface.")


def _page(program: click.Group, what: str) -> str:
    context = click.Context(program, info_name=program.name)
    commands = "".join(
        part for name in program.list_commands(context) for part in _command(name, context, "##")
    )
    head = f"# `{program.name}`\n\n{what} The text of each command is that of its `--help`."
    return f"{head}\n\n{commands}"


def _command(name: str, context: click.Context, level: str) -> Iterator[str]:
    group = context.command
    command = group.get_command(context, name) if isinstance(group, click.Group) else None
    if command is None:
        return
    own = click.Context(command, context, info_name=name, terminal_width=_WIDTH)
    yield f"{level} `{own.command_path}`\n\n```text\n{command.get_help(own)}\n```\n\n"
    if isinstance(command, click.Group):
        for each in command.list_commands(own):
            yield from _command(each, own, f"{level}#")
