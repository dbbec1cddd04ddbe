"""The catalogue as FITS, VOTable, ECSV, Parquet or CSV."""

import csv
import io
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

import numpy as np
from astropy.io import fits
from astropy.io.votable import from_table
from astropy.io.votable.tree import VOTableFile
from astropy.table import MaskedColumn, Table
from astropy.units import UnitsWarning

from eclgrmd import __version__
from eclgrmd.errors import InputError
from eclgrmd.model.catalogue import CatalogueFormat

from .columns import COLUMNS
from .entry import Column, Entry, Kind, Value

__all__ = [
    "catalogue_table",
    "encode_catalogue",
    "encode_parquet",
    "encode_values",
    "values_of",
]


_TITLE = "Gamma-ray bursts analysed by eclgrmd"
_NAME = "ECLGRMD_CATALOGUE"
_FILL: dict[Kind, Any] = {"float": np.nan, "int": -(2**63), "text": ""}
"""What stands below the mask of a missing value."""


def encode_catalogue(entries: Sequence[Entry], form: CatalogueFormat) -> bytes:
    """Return the catalogue of these results; a missing value is null (NaN in FITS), never 0.

    Raises
    ------
    InputError
        If the format is Parquet and pyarrow is not installed.
    """
    return encode_values(values_of(entries), form)


def values_of(entries: Sequence[Entry]) -> list[list[Value]]:
    """Return the values of each column of the catalogue, None where one is not known."""
    return [[column.read(entry) for entry in entries] for column in COLUMNS]


def encode_values(values: list[list[Value]], form: CatalogueFormat) -> bytes:
    """Return the catalogue of these values of each column (see `encode_catalogue`)."""
    match form:
        case CatalogueFormat.CSV:
            return _csv(values)
        case CatalogueFormat.PARQUET:
            return encode_parquet(values)
        case CatalogueFormat.FITS:
            return _fits(_table(values))
        case CatalogueFormat.VOTABLE:
            return _xml(_votable(_table(values)))
        case CatalogueFormat.ECSV:
            return _ecsv(_table(values))
        case _:
            assert_never(form)


def catalogue_table(entries: Sequence[Entry]) -> Any:
    """Return the catalogue of these results as a table of astropy; missing values are masked."""
    return _table(values_of(entries))


def _table(values: list[list[Value]]) -> Any:
    """Return the catalogue as a table of masked columns."""
    table = Table(meta={"description": _TITLE, "creator": f"eclgrmd {__version__}"})
    for column, found in zip(COLUMNS, values, strict=True):
        fill = _FILL[column.kind]
        table[column.name] = MaskedColumn(
            data=[fill if value is None else value for value in found],
            mask=[value is None for value in found],
            dtype=_dtype(column, found),
            unit=column.unit or None,
            description=column.description,
            meta={"ucd": column.ucd},
            fill_value=fill,
        )
    return table


def _dtype(column: Column, values: list[Value]) -> str:
    if column.kind == "text":
        return f"U{max((len(str(value)) for value in values if value is not None), default=1)}"
    return {"float": "f8", "int": "i8"}[column.kind]


def _fits(table: Any) -> bytes:
    """Return a binary table with units, and UCDs and descriptions as TUCDn and TCOMMn."""
    for name in table.colnames:
        if table[name].dtype.kind == "U":
            # A FITS table holds ASCII only.
            table[name] = MaskedColumn(
                np.char.encode(table[name].filled(""), "ascii", "replace"), mask=table[name].mask
            )
    hdu = fits.table_to_hdu(Table(table, meta={}))
    hdu.name = _NAME
    for index, column in enumerate(COLUMNS, start=1):
        hdu.header[f"TUCD{index}"] = column.ucd
        hdu.header[f"TCOMM{index}"] = column.description
    primary = fits.PrimaryHDU()
    primary.header["CREATOR"] = (f"eclgrmd {__version__}", "program that made this file")
    primary.header["TITLE"] = _TITLE
    buffer = io.BytesIO()
    fits.HDUList([primary, hdu]).writeto(buffer)
    return buffer.getvalue()


def _votable(table: Any) -> VOTableFile:
    """Return a VOTable; the units, UCDs and descriptions are those of the columns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnitsWarning)
        document = from_table(table)
    found = document.get_first_table()
    found.name, found.description = _NAME, _TITLE
    for field in found.fields:
        # The name is the identifier, and readers prefer it.
        field.ID = field.name
    return document


def _xml(document: VOTableFile) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnitsWarning)  # of erg, in which the field has its fluences
        document.to_xml(buffer)
    return buffer.getvalue()


def _ecsv(table: Any) -> bytes:
    buffer = io.StringIO()
    table.write(buffer, format="ascii.ecsv", delimiter=",")
    return buffer.getvalue().encode()


def _csv(values: list[list[Value]]) -> bytes:
    """Return plain CSV (RFC 4180) with a line of names; a missing value is empty."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([column.name for column in COLUMNS])
    writer.writerows(zip(*values, strict=True))
    return buffer.getvalue().encode()


def encode_parquet(
    values: list[list[Value]], more: Mapping[str, Sequence[str]] | None = None
) -> bytes:
    """Return Parquet with the data-less VOTable of its columns in the metadata (VOParquet 1.0).

    Parameters
    ----------
    values
        Values of each column of the catalogue.
    more
        Columns of texts that follow those of the catalogue, by name.

    Raises
    ------
    InputError
        If pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an optional extra
        from pyarrow import parquet  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise InputError(
            "format = 'parquet': pyarrow is not installed: install eclgrmd[parquet], or choose "
            "another format"
        ) from error
    types = {"float": pa.float64(), "int": pa.int64(), "text": pa.string()}
    header = {
        "IVOA.VOTable-Parquet.version": "1.0",
        "IVOA.VOTable-Parquet.content": _xml(_votable(_table([[] for _ in COLUMNS]))),
    }
    names = [*((column.name, types[column.kind]) for column in COLUMNS)]
    names += [(name, pa.string()) for name in more or ()]
    schema = pa.schema(names, metadata=header)
    columns = [
        # Texts are empty where they are missing, as in a VOTable: astropy reads no null among them.
        pa.array(
            found if column.kind != "text" else [each or "" for each in found], types[column.kind]
        )
        for column, found in zip(COLUMNS, values, strict=True)
    ]
    columns += [pa.array(found, pa.string()) for found in (more or {}).values()]
    buffer = io.BytesIO()
    parquet.write_table(pa.Table.from_arrays(columns, schema=schema), buffer)
    return buffer.getvalue()
