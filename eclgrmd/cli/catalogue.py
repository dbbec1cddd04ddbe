"""The option --format of the commands that write a catalogue."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from eclgrmd.errors import InputError
from eclgrmd.model.catalogue import CatalogueFormat

__all__ = ["chosen_format", "format_option"]

_SUFFIXES = {
    ".fits": CatalogueFormat.FITS,
    ".fit": CatalogueFormat.FITS,
    ".vot": CatalogueFormat.VOTABLE,
    ".xml": CatalogueFormat.VOTABLE,
    ".ecsv": CatalogueFormat.ECSV,
    ".parquet": CatalogueFormat.PARQUET,
    ".csv": CatalogueFormat.CSV,
}
"""Format of the catalogue by the suffix of its file."""


def format_option(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option that names the format.

    Parameters
    ----------
    default
        What the help says about the format without this option.
    """
    return click.option(
        "--format",
        "chosen",
        type=click.Choice([each.value for each in CatalogueFormat]),
        help=f"Format.  [default: {default}]",
    )


def chosen_format(chosen: str | None, output: Path) -> CatalogueFormat:
    """Return the format that was named, or else that of the suffix of the file.

    Raises
    ------
    InputError
        If neither names a format.
    """
    if chosen is not None:
        return CatalogueFormat(chosen)
    found = _SUFFIXES.get(output.suffix.lower())
    if found is None:
        raise InputError(
            f"--output {output}: the suffix names no format: use one of {', '.join(_SUFFIXES)}, "
            "or --format"
        )
    return found
