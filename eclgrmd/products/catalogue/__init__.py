"""The catalogue: one row for each result, from one table of columns, in five formats."""

from .columns import COLUMNS
from .encode import (
    catalogue_table,
    encode_catalogue,
    encode_parquet,
    encode_values,
    values_of,
)
from .entry import Column, Entry, Value

__all__ = [
    "COLUMNS",
    "Column",
    "Entry",
    "Value",
    "catalogue_table",
    "encode_catalogue",
    "encode_parquet",
    "encode_values",
    "values_of",
]
