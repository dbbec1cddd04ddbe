"""A group of commands of which only the requested one is imported, and how a program runs it."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

import click
from click.shell_completion import shell_complete

from eclgrmd.errors import EclgrmdError, InputError
from eclgrmd.model.plain_text import valid_text

from .ending import orderly_end

__all__ = ["LazyGroup", "run_program"]

_FAILED, _BAD_INPUT = 1, 2
"""Exit status of a command that failed, and of wrong input."""
_RENAMED = {"--config": "--settings"}
"""Options of version 0.1, and what they are called now where the old name is unknown."""


class LazyGroup(click.Group):
    """A group whose commands are modules of a package, each with a `command`.

    Parameters
    ----------
    name
        Name of the program.
    package
        Package of the modules. A module is named as its command, with `_` for `-`.
    commands
        The commands, with their line in the help.
    description
        Text of the help.
    callback
        Called before a command runs; None: nothing is.
    """

    def __init__(
        self,
        name: str,
        *,
        package: str,
        commands: Mapping[str, str],
        description: str,
        callback: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(name, help=description, callback=callback, no_args_is_help=False)
        self._package = package
        self._texts = commands

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(self._texts)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Import a command; None if there is none of this name."""
        if name not in self._texts:
            return None
        module = import_module(f"{self._package}.{name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._texts.items()))


def run_program(group: click.Group, arguments: Sequence[str]) -> int:
    """Run a program with these arguments, and return the exit status.

    A shell that completes a command line (with a script that click made) calls the program, too.
    """
    name = group.name or ""
    with orderly_end(name) as end:
        variable = f"_{name.upper()}_COMPLETE"
        if instruction := os.environ.get(variable):
            end.status = shell_complete(group, {}, name, variable, instruction)
        else:
            end.status = _run(group, name, list(arguments))
    return end.status


def _run(group: click.Group, name: str, arguments: list[str]) -> int:
    place = name
    try:
        context = group.make_context(name, arguments)
        try:
            status: int = group.invoke(context)
        finally:
            place = f"{name} {context.invoked_subcommand}"
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.UsageError as error:
        place = error.ctx.command_path if error.ctx else name
        return _complain(place, [_sentence(error)], error.exit_code)
    except EclgrmdError as error:
        notes = getattr(error, "__notes__", ())
        bad_input = isinstance(error, InputError)
        return _complain(place, [str(error), *notes], _BAD_INPUT if bad_input else _FAILED)
    return status


def _sentence(error: click.UsageError) -> str:
    sentence = error.format_message()
    if isinstance(error, click.exceptions.NoSuchOption) and error.option_name in _RENAMED:
        sentence += f" It is {_RENAMED[error.option_name]} now."
    return sentence


def _complain(place: str, sentences: list[str], status: int) -> int:
    """Print each line of an error, as several files can be wrong at once; return the exit status.

    Control characters, which a file name may contain, are escaped: a terminal would obey them.
    """
    for line in "\n".join(sentences).splitlines():
        sys.stderr.write(f"{place}: {valid_text(line)}\n")
    return status
