"""`eclgrmd replay`: repeats a run and checks that the products are the same, bit for bit."""

import argparse
import sys
from pathlib import Path

from eclgrmd.cli.command import Subparsers
from eclgrmd.cli.options import add_data

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of the command."""
    parser = subparsers.add_parser(
        "replay",
        help="repeat a run and check that the products are the same, bit for bit",
        description="Repeat the run that a product belongs to, with the inputs, configuration and "
        "seed of its result.json, and compare every product except the log. On the same machine "
        "with the same software nothing may differ.",
        epilog="Exit status: 0 all products are the same, 1 some differ, 2 wrong input.",
    )
    parser.add_argument(
        "product", type=Path, metavar="PRODUCT", help="folder of products, or a file in it"
    )
    add_data(parser)


def run(args: argparse.Namespace) -> int:
    """Repeat the run, print the differences, and return the exit status."""
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
