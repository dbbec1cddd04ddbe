"""What a sub-command is."""

import argparse
from typing import Any, Protocol

__all__ = ["Command", "Subparsers"]


class Subparsers(Protocol):
    """Where a sub-command adds its own parser: what `ArgumentParser.add_subparsers` gives."""

    def add_parser(self, name: str, **kwargs: Any) -> argparse.ArgumentParser:
        """Add the parser of a sub-command."""


class Command(Protocol):
    """A module of this package that is a sub-command."""

    def add_parser(self, subparsers: Subparsers) -> None:
        """Describe name, purpose and arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it and give the exit status."""
