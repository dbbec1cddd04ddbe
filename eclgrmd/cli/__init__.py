"""The command line of `eclgrmd`: parses arguments, runs a command, and returns its exit status.

Each command is a module of `cli.commands` with a `command` of `click`, whose function returns the
exit status, and has a line in `COMMANDS`. Only the requested command is imported. It imports
numerics when it runs, so that wrong arguments are reported at once.
"""

import sys
from collections.abc import Sequence

import click

from eclgrmd import __version__
from eclgrmd.caches import use_writable_caches
from eclgrmd.threads import use_one_thread

from .group import LazyGroup, run_program

__all__ = ["COMMANDS", "main", "program"]

COMMANDS = {
    "analyze": "analyse the files of a burst, without any service",
    "serve": "run the daemon",
    "selftest": "analyse a burst whose answer is known (compiles all kernels, once)",
    "explain-config": "print each value of a task's configuration and where it comes from",
    "rerun": "repeat a task with changed keys; steps that these do not touch are reused",
    "replay": "repeat a run and check that the products are the same, bit for bit",
    "compare": "print what changed between two runs of a burst",
    "campaign": "analyse many bursts on a cluster; whatever dies meanwhile, each counts once",
    "coverage": "tell how often the stated intervals of a burst hold the truth, by twins of it",
    "spread": "tell how far the results of a burst depend on choices of the analyst",
    "catalogue": "write one table of all results below some folders, without any service",
    "archive": "pack the products of a run into one file, with contents, checksums and citation",
    "report": "write the report of a run as one HTML file, to read offline or to print",
    "check-config": "check settings without starting anything",
    "fetch": "download the files of a burst from the mission database",
    "backup": "write a backup of database and files; a running daemon is not disturbed",
    "restore": "restore a backup while the daemon is stopped",
    "token": "make, list and revoke tokens of clients",
    "asyncapi": "print the AsyncAPI document of all messages",
}
"""The commands, with their line in `eclgrmd --help`."""


def program() -> click.Group:
    """Return the group of all commands."""
    group = LazyGroup(
        "eclgrmd",
        package="eclgrmd.cli.commands",
        commands=COMMANDS,
        description="Gamma-ray burst prompt-emission analysis for SVOM's ECLAIRs and GRM.",
        callback=_prepare,
    )
    return click.version_option(__version__, message="%(prog)s %(version)s")(group)


def main(argv: Sequence[str] | None = None) -> int:
    """Run `eclgrmd` with these arguments (None: those of the process); return the exit status."""
    return run_program(program(), sys.argv[1:] if argv is None else argv)


def _prepare() -> None:
    use_writable_caches()
    use_one_thread()
