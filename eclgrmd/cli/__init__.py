"""The command line: parses arguments, runs a command, and returns its exit status.

Each command is a module of `cli.commands` with `add_parser(subparsers)` and `run(args) -> int`, and
has a line in `COMMANDS`. Only the requested command is imported. It imports numerics inside `run`,
so that wrong arguments are reported at once.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from eclgrmd import __version__
from eclgrmd.caches import use_writable_caches
from eclgrmd.errors import EclgrmdError, InputError
from eclgrmd.model.plain_text import valid_text
from eclgrmd.threads import use_one_thread

from .command import Command
from .ending import orderly_end

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "analyze": "analyse the files of a burst, without any service",
    "serve": "run the daemon",
    "selftest": "analyse a burst whose answer is known (compiles all kernels, once)",
    "explain-config": "print each value of a task's configuration and where it comes from",
    "rerun": "repeat a task with changed keys; steps that these do not touch are reused",
    "replay": "repeat a run and check that the products are the same, bit for bit",
    "compare": "print what changed between two runs of a burst",
    "catalogue": "write one table of all results below some folders, without any service",
    "check-config": "check settings without starting anything",
    "fetch": "download the files of a burst from the mission database",
    "backup": "write a backup of database and files; a running daemon is not disturbed",
    "restore": "restore a backup while the daemon is stopped",
    "asyncapi": "print the AsyncAPI document of all messages",
}
"""The commands, with their line in `eclgrmd --help`."""

FAILED, BAD_INPUT = 1, 2
"""Exit status of a command that failed, and of wrong input (argparse's own status is 2, too)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `eclgrmd` with these arguments (None: those of the process); return the exit status."""
    with orderly_end() as end:
        end.status = _run(sys.argv[1:] if argv is None else list(argv))
    return end.status


def _run(arguments: list[str]) -> int:
    use_writable_caches()
    use_one_thread()
    args = _parser(arguments).parse_args(arguments)
    try:
        return _command(args.command).run(args)
    except InputError as error:
        return _complain(args.command, error, BAD_INPUT)
    except EclgrmdError as error:
        return _complain(args.command, error, FAILED)


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="eclgrmd",
        description="Gamma-ray burst prompt-emission analysis for SVOM's ECLAIRs and GRM.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = next((word for word in arguments if not word.startswith("-")), None)
    for name, text in COMMANDS.items():
        if name == wanted:
            _command(name).add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=text)
    return parser


def _command(name: str) -> Command:
    module: Command = import_module(f"eclgrmd.cli.commands.{name.replace('-', '_')}")
    return module


def _complain(command: str, error: EclgrmdError, status: int) -> int:
    """Print each line of an error, as several files can be wrong at once; return the exit status.

    Control characters, which a file name may contain, are escaped: a terminal would obey them.
    """
    notes = getattr(error, "__notes__", ())
    for line in "\n".join((str(error), *notes)).splitlines():
        sys.stderr.write(f"eclgrmd {command}: {valid_text(line)}\n")
    return status
