"""`eclgrmd replay`: makes a run again and tells whether it gives the same, to the bit."""

import argparse
import sys
from pathlib import Path

from eclgrmd.cli.command import Subparsers
from eclgrmd.cli.options import add_data

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers) -> None:
    """Describe name, purpose and arguments."""
    parser = subparsers.add_parser(
        "replay",
        help="make a run again and tell whether it gives the same, to the bit",
        description="Repeat the run that a product belongs to, with the inputs, configuration and "
        "seed that its result.json tells, and compare every product but the log. On the same "
        "machine with the same software nothing may differ.",
        epilog="Exit status: 0 the same to the bit, 1 something differs, 2 wrong input.",
    )
    parser.add_argument(
        "product", type=Path, metavar="PRODUCT", help="folder of products, or a file in it"
    )
    add_data(parser)


def run(args: argparse.Namespace) -> int:
    """Make it again and give the exit status."""
    from eclgrmd.pipeline.replay import replay

    found = replay(args.product, args.data)
    for line in found.environment:
        sys.stdout.write(f"environment: {line}\n")
    for name, differences in found.different.items():
        for line in differences:
            sys.stdout.write(f"{name}: {line}\n")
    if found.different:
        sys.stdout.write(
            f"{len(found.different)} of {len(found.different) + len(found.same)} products differ\n"
        )
        return 1
    sys.stdout.write(f"all {len(found.same)} products are the same, to the bit\n")
    return 0
