"""Each format of the catalogue gives values, units and UCDs back to another reader."""

import csv
import io
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from astropy import units
from astropy.io import fits, votable
from astropy.io.votable.ucd import parse_ucd
from astropy.table import Table
from pyarrow import parquet

from eclgrmd.model.catalogue import CatalogueFormat
from eclgrmd.products.catalogue import COLUMNS, Entry, encode_catalogue

from .results import ENTRIES

Read = tuple[dict[str, list[Any]], dict[str, str], dict[str, str]]
"""Values (None: missing), units and UCDs by column."""
EXPECTED = {column.name: [column.read(entry) for entry in ENTRIES] for column in COLUMNS}


def plain(values: Any) -> list[Any]:
    """Return the values of a column; masked ones, NaN and empty texts are None."""
    found = [None if value is np.ma.masked else value for value in values]
    found = [each.decode() if isinstance(each, bytes) else each for each in found]
    return [None if each == "" or is_nan(each) else each for each in found]


def is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def of_table(table: Any, ucds: dict[str, str]) -> Read:
    names = table.colnames
    return (
        {name: plain(table[name]) for name in names},
        {name: str(table[name].unit or "") for name in names},
        ucds or {name: table[name].meta["ucd"] for name in names},
    )


def read_fits(content: bytes) -> Read:
    with fits.open(io.BytesIO(content)) as hdus:
        header = hdus[1].header
        ucds = {header[f"TTYPE{i}"]: header[f"TUCD{i}"] for i in range(1, len(COLUMNS) + 1)}
    return of_table(Table.read(io.BytesIO(content), format="fits"), ucds)


def read_votable(content: bytes) -> Read:
    return of_table(Table.read(io.BytesIO(content), format="votable"), {})


def read_ecsv(content: bytes) -> Read:
    return of_table(Table.read(content.decode(), format="ascii.ecsv"), {})


def read_parquet(content: bytes) -> Read:
    read = parquet.read_table(io.BytesIO(content))
    assert read.schema.metadata[b"IVOA.VOTable-Parquet.version"] == b"1.0"
    header = read.schema.metadata[b"IVOA.VOTable-Parquet.content"]
    empty = votable.parse(io.BytesIO(header)).get_first_table().to_table()
    assert empty.colnames == read.column_names
    _, unit, ucd = of_table(empty, {})
    values = read.to_pydict()
    assert not any(is_nan(value) for column in values.values() for value in column)
    return {name: plain(column) for name, column in values.items()}, unit, ucd


@pytest.mark.filterwarnings("ignore:The unit 'erg' has been deprecated")
@pytest.mark.parametrize(
    ("form", "read"),
    [
        (CatalogueFormat.FITS, read_fits),
        (CatalogueFormat.VOTABLE, read_votable),
        (CatalogueFormat.ECSV, read_ecsv),
        (CatalogueFormat.PARQUET, read_parquet),
    ],
)
def test_a_format_gives_values_units_and_ucds_back(
    form: CatalogueFormat, read: Callable[[bytes], Read]
) -> None:
    values, unit, ucd = read(encode_catalogue(ENTRIES, form))
    assert values == EXPECTED
    for column in COLUMNS:
        assert units.Unit(unit[column.name]) == units.Unit(column.unit), column.name
    assert ucd == {column.name: column.ucd for column in COLUMNS}


def test_csv_gives_the_values_back() -> None:
    content = encode_catalogue(ENTRIES, CatalogueFormat.CSV).decode()
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    kinds = {"float": float, "int": int, "text": str}
    for column in COLUMNS:
        found = [kinds[column.kind](row[column.name]) if row[column.name] else None for row in rows]
        assert found == EXPECTED[column.name]


@pytest.mark.parametrize("form", list(CatalogueFormat))
def test_a_catalogue_may_be_empty(form: CatalogueFormat) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert encode_catalogue([], form)


@pytest.mark.parametrize("form", list(CatalogueFormat))
def test_the_same_results_give_the_same_bytes(form: CatalogueFormat) -> None:
    assert encode_catalogue(ENTRIES[:3], form) == encode_catalogue(ENTRIES[:3], form)


def test_names_are_unique_and_ucds_are_in_the_vocabulary() -> None:
    assert len({column.name for column in COLUMNS}) == len(COLUMNS)
    for column in COLUMNS:
        parse_ucd(column.ucd, check_controlled_vocabulary=True)


def test_every_column_of_a_quantity_is_filled_by_some_result() -> None:
    """A column that never has a value reads the wrong place."""
    never = {name for name, values in EXPECTED.items() if not any(v is not None for v in values)}
    assert never <= {name for name in EXPECTED if "_sbpl_" in name}


def test_values_of_a_known_burst() -> None:
    """The numbers are those of tests/golden/made/dc0/sb26110402-evt.json, read by hand."""
    entry: Entry = next(each for each in ENTRIES if each.source == "sb26110402-evt")
    row = {column.name: column.read(entry) for column in COLUMNS}
    assert (row["name"], row["burst_class"]) == ("sb26110402", "long")
    assert row["fluence"] == pytest.approx(4.09061e-05)
    assert row["fluence_neg_err"] == pytest.approx(1.7334467e-06)
    assert row["peak_rate_64ms"] == pytest.approx(13216.619)
    assert row["flnc_band_dof"] == 954
    assert row["flnc_comp_epeak"] is None
