"""`eclgrmd check-config`: tells whether a settings file is right."""

import argparse
import os
import sys

from eclgrmd.cli.command import Subparsers
from eclgrmd.cli.options import add_settings

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser("check-config", help="check settings without starting anything")
    add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Load the settings as `serve` would; a wrong one raises."""
    from eclgrmd.settings.load import load_settings
    from eclgrmd.settings.task_files import site_layers

    settings = load_settings(args.config, os.environ)
    site_layers(settings.tasks.configuration_file)
    sys.stdout.write(f"{args.config or 'defaults'}: right\n")
    return 0
