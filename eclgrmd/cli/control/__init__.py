"""The command line of `eclgrmctl`, which works with a running daemon by its REST interface.

Each command is a module of `cli.control.commands`, as those of `eclgrmd` are of `cli.commands`.
"""

import sys
from collections.abc import Sequence

import click

from eclgrmd import __version__
from eclgrmd.cli.group import LazyGroup, run_program

__all__ = ["COMMANDS", "main", "program"]

COMMANDS = {
    "status": "show whether the daemon and all that it needs work",
    "bursts": "list the bursts",
    "burst": "show a burst with its data, tasks and products",
    "tasks": "list tasks",
    "task": "show a task, or follow it until it has ended",
    "upload": "upload data files of a burst",
    "submit": "submit a task",
    "rerun": "repeat a task with changed keys; steps that these do not touch are reused",
    "preview": "print what a re-run with changed keys would find, at once",
    "compare": "print what changed between two tasks of a burst",
    "compare-circular": "set a circular of another mission beside a result of a burst",
    "get": "download products of a task",
    "curves": "write light curves of a task or of a quick look as numbers",
    "spectra": "write fitted spectra of a task as numbers",
    "catalogue": "download a table of results, one row for each",
    "logs": "print the log of a task, or follow it until the task has ended",
    "events": "print events as they happen, until you interrupt",
    "cancel": "cancel a task that has not ended",
    "audit": "show who changed what, from where and when",
    "claim": "take a burst, so that others need not",
    "release": "release a burst that you have",
    "accept": "accept a run of a burst as its result of record, or withdraw it",
    "retract": "withdraw a burst",
}
"""The commands, with their line in `eclgrmctl --help`."""


def program() -> click.Group:
    """Return the group of all commands."""
    group = LazyGroup(
        "eclgrmctl",
        package="eclgrmd.cli.control.commands",
        commands=COMMANDS,
        description="Work with a running eclgrmd: bursts, tasks, products and logs.",
    )
    return click.version_option(__version__, message="%(prog)s %(version)s")(group)


def main(argv: Sequence[str] | None = None) -> int:
    """Run `eclgrmctl` with these arguments (None: those of the process); return its status."""
    return run_program(program(), sys.argv[1:] if argv is None else argv)
