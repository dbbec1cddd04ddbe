"""The interface of a command module."""

import argparse
from typing import Any, Protocol

__all__ = ["Command", "Subparsers"]


class Subparsers(Protocol):
    """The result of `ArgumentParser.add_subparsers`, to which commands add their parsers."""

    def add_parser(self, name: str, **kwargs: Any) -> argparse.ArgumentParser:
        """Add and return the parser of a command."""


class Command(Protocol):
    """A module of `cli.commands`."""

    def add_parser(self, subparsers: Subparsers) -> None:
        """Add the parser of the command."""

    def run(self, args: argparse.Namespace) -> int:
        """Run the command and return the exit status."""
