"""`eclgrmd catalogue`: writes one table of all results below some folders."""

import sys
from pathlib import Path

import click

from eclgrmd.cli.catalogue import chosen_format, format_option
from eclgrmd.cli.options import AnyPath
from eclgrmd.cli.screen import Screen
from eclgrmd.errors import InputError
from eclgrmd.model.catalogue import CatalogueFormat

__all__ = ["command"]


@click.command(epilog="Exit status: 0 written, 2 wrong input.")
@click.argument("folders", nargs=-1, required=True, type=click.Path(), metavar="FOLDER...")
@format_option("by the suffix of --output, else csv")
@click.option("--output", type=AnyPath(), metavar="FILE", help="File.  [default: print it]")
def command(folders: tuple[str, ...], chosen: str | None, output: Path | None) -> int:
    """Write one table of all results below some folders, without any service.

    There is one row for each result.json, as FITS, VOTable, ECSV, Parquet (VOParquet) or CSV.
    Columns are named as in FERMIGBRST where that table has the same quantity; missing values are
    null, or NaN.
    """
    printed = CatalogueFormat(chosen or CatalogueFormat.CSV)
    kind = printed if output is None else chosen_format(chosen, output)

    from eclgrmd.cli.results import find_results
    from eclgrmd.products.catalogue import Entry, encode_catalogue

    errors = Screen(stderr=True, soft_wrap=True, highlight=False)
    found = find_results(folders, lambda text: errors.print(text, markup=False))
    entries = [Entry(result, str(folder)) for folder, result in found]
    content = encode_catalogue(entries, kind)
    if output is None:
        sys.stdout.buffer.write(content)
        return 0
    try:
        output.write_bytes(content)
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror}") from error
    sys.stdout.write(f"{len(entries)} results in {output}\n")
    return 0
