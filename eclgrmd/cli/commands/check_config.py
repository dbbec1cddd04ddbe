"""`eclgrmd check-config`: checks a settings file."""

import argparse
import os
import sys

from eclgrmd.cli.command import Subparsers
from eclgrmd.cli.options import add_settings

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of the command."""
    parser = subparsers.add_parser("check-config", help="check settings without starting anything")
    add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Load the settings as `serve` does, and return the exit status.

    Raises
    ------
    FatalError
        If a setting is invalid.
    InputError
        If the site's task configuration is invalid.
    """
    from eclgrmd.settings.load import load_settings
    from eclgrmd.settings.task_files import site_layers

    settings = load_settings(args.config, os.environ)
    site_layers(settings.tasks.configuration_file)
    sys.stdout.write(f"{args.config or 'defaults'}: valid\n")
    return 0
