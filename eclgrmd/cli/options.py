"""Arguments that several sub-commands take."""

import argparse
from pathlib import Path

__all__ = ["add_data", "add_settings"]


def add_data(parser: argparse.ArgumentParser) -> None:
    """Describe where the inputs of a folder of products lie."""
    parser.add_argument(
        "--data",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="input of a folder's products, or folder with inputs; else they are looked for where "
        "they were",
    )


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Describe where the daemon's settings are."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings (TOML)")
