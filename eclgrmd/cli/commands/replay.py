"""`eclgrmd replay`: repeats a run and checks that the products are the same, bit for bit."""

import sys
from pathlib import Path

import click

from eclgrmd.cli.options import AnyPath, data_option

__all__ = ["command"]


@click.command(epilog="Exit status: 0 all products are the same, 1 some differ, 2 wrong input.")
@click.argument("product", type=AnyPath(), metavar="PRODUCT")
@data_option
def command(product: Path, data: tuple[Path, ...]) -> int:
    """Repeat a run and check that the products are the same, bit for bit.

    PRODUCT is a folder of products, or a file in it. The run is repeated with the inputs,
    configuration and seed of its result.json, and every product except the log is compared. On the
    same machine with the same software nothing may differ.
    """
    from eclgrmd.pipeline.replay import replay

    found = replay(product, data)
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
