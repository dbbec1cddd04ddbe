"""`eclgrmd archive`: packs the products of a run into one file."""

import sys
from pathlib import Path

import click

from eclgrmd.cli.options import AnyPath
from eclgrmd.errors import InputError

__all__ = ["command"]


@click.command(epilog="Exit status: 0 written, 2 wrong input.")
@click.argument("folder", type=AnyPath(), metavar="FOLDER")
@click.option(
    "--output",
    type=AnyPath(),
    metavar="FILE",
    help="File.  [default: burst and version with .zip, here]",
)
def command(folder: Path, output: Path | None) -> int:
    """Pack the products of a run into one file, with contents, checksums and citation.

    FOLDER is one that `eclgrmd analyze` wrote. The ZIP file holds results, figures, OGIP files,
    README.txt, SHA256SUMS, LICENSE.txt and CITATION.cff. The same products give the same bytes.
    """
    from eclgrmd.cli.products import read_products
    from eclgrmd.products.archive import archive_name, make_archive

    result, files = read_products(folder)
    output = output or Path(archive_name(result))
    try:
        output.write_bytes(make_archive(result, files))
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror}") from error
    sys.stdout.write(f"{len(files)} products in {output}\n")
    return 0
