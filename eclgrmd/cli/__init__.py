"""The command line: parses, calls, exit status.

Each sub-command is a module of this package with `add_parser(subparsers)` and `run(args) -> int`,
and a line in `COMMANDS`; only the one asked for is imported. Modules import heavy things inside
`run`, so that a wrong argument is told at once.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from eclgrmd import __version__
from eclgrmd.caches import use_writable_caches
from eclgrmd.errors import EclgrmdError, InputError
from eclgrmd.model.plain_text import valid_text

from .command import Command
from .ending import orderly_end

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "analyze": "analyse the files of a burst, without any service",
    "serve": "run the daemon",
    "selftest": "analyse a burst whose answer is known (compiles all kernels, once)",
    "explain-config": "tell each value of a task's configuration and where it came from",
    "rerun": "do a task again with changed keys; what they do not touch is reused",
    "replay": "make a run again and tell whether it gives the same, to the bit",
    "compare": "tell what changed between two runs of a burst",
    "check-config": "check settings without starting anything",
    "fetch": "fetch the files of a burst from the mission database",
    "backup": "write a backup of database and files; a running daemon goes on",
    "restore": "bring a backup back, while the daemon is stopped",
    "asyncapi": "print the AsyncAPI document of all messages",
}
"""What `eclgrmd --help` says of each sub-command."""

FAILED, BAD_INPUT = 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run `eclgrmd` with these arguments (None: the process's own) and give the exit status."""
    with orderly_end() as end:
        end.status = _run(sys.argv[1:] if argv is None else list(argv))
    return end.status


def _run(arguments: list[str]) -> int:
    use_writable_caches()
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
    """Print one line for each line of the error: several files can be wrong at once.

    Controls that a name may hold are escaped: a terminal would obey them.
    """
    notes = getattr(error, "__notes__", ())
    for line in "\n".join((str(error), *notes)).splitlines():
        sys.stderr.write(f"eclgrmd {command}: {valid_text(line)}\n")
    return status
