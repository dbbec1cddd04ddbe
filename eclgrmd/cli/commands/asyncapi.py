"""`eclgrmd asyncapi`: prints the AsyncAPI document of all messages."""

import argparse
import sys

from eclgrmd.cli.command import Subparsers

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of the command."""
    subparsers.add_parser("asyncapi", help="print the AsyncAPI document of all messages")


def run(_args: argparse.Namespace) -> int:
    """Print the document and return the exit status."""
    from eclgrmd.model.messages.asyncapi import encode_asyncapi

    sys.stdout.write(encode_asyncapi().decode())
    return 0
