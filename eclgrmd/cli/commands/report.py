"""`eclgrmd report`: writes the report of a run as one HTML file."""

import sys
from pathlib import Path

import click

from eclgrmd.cli.options import AnyPath
from eclgrmd.errors import InputError

__all__ = ["command"]


@click.command(epilog="Exit status: 0 written, 2 wrong input.")
@click.argument("folder", type=AnyPath(), metavar="FOLDER")
@click.option(
    "--output", type=AnyPath(), metavar="FILE", help="File.  [default: report.html in FOLDER]"
)
def command(folder: Path, output: Path | None) -> int:
    """Write the report of a run as one HTML file, to read offline or to print on one page.

    FOLDER is one that `eclgrmd analyze` wrote. The file holds the numbers, an interactive light
    curve, all data (result.json), the checksums of the inputs, and the command that makes it again.
    """
    from eclgrmd.cli.products import read_products
    from eclgrmd.products.report import make_report

    result, files = read_products(folder)
    output = output or folder / "report.html"
    try:
        output.write_bytes(make_report(result, files))
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror}") from error
    sys.stdout.write(f"{output}\n")
    return 0
