"""`eclgrmd catalogue`: writes one table of all results below some folders."""

import argparse
import sys
from pathlib import Path

from eclgrmd.cli.command import Subparsers
from eclgrmd.cli.screen import Screen
from eclgrmd.errors import InputError

__all__ = ["add_parser", "run"]

SUFFIXES = {
    ".fits": "fits",
    ".fit": "fits",
    ".vot": "votable",
    ".xml": "votable",
    ".ecsv": "ecsv",
    ".parquet": "parquet",
    ".csv": "csv",
}
"""Format of the catalogue by the suffix of its file."""


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of the command."""
    parser = subparsers.add_parser(
        "catalogue",
        help="write one table of all results below some folders, without any service",
        description="Write a table with one row for each result.json below the folders: FITS, "
        "VOTable, ECSV, Parquet (VOParquet) or CSV. Columns are named as in FERMIGBRST where "
        "that table has the same quantity; missing values are null, or NaN.",
        epilog="Exit status: 0 written, 1 not possible here, 2 wrong input.",
    )
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="folder with results")
    parser.add_argument(
        "--format",
        choices=sorted(set(SUFFIXES.values())),
        help="format (default: by the suffix of --output, else csv)",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="file (default: print it)")


def run(args: argparse.Namespace) -> int:
    """Write the catalogue and return the exit status."""
    chosen = args.format or _format_of(args.output)

    from eclgrmd.cli.results import find_results
    from eclgrmd.products.catalogue import CatalogueFormat, Entry, encode_catalogue

    errors = Screen(stderr=True, soft_wrap=True, highlight=False)
    found = find_results(args.folders, lambda text: errors.print(text, markup=False))
    entries = [Entry(result, str(folder)) for folder, result in found]
    content = encode_catalogue(entries, CatalogueFormat(chosen))
    if args.output is None:
        sys.stdout.buffer.write(content)
        return 0
    try:
        args.output.write_bytes(content)
    except OSError as error:
        raise InputError(f"{args.output}: cannot be written: {error.strerror}") from error
    sys.stdout.write(f"{len(entries)} results in {args.output}\n")
    return 0


def _format_of(output: Path | None) -> str:
    if output is None:
        return "csv"
    if output.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"--output {output}: the suffix names no format: use one of {', '.join(SUFFIXES)}, or "
            "--format"
        )
    return SUFFIXES[output.suffix.lower()]
