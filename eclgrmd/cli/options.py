"""Arguments that several commands have in common."""

import argparse
from pathlib import Path

__all__ = ["add_data", "add_settings"]


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names where the inputs of an earlier run are."""
    parser.add_argument(
        "--data",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="input file of the earlier run, or a folder with inputs (default: where the run had "
        "them)",
    )


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the daemon's settings."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings (TOML)")
