"""The catalogue: one row for each result, from one table of columns, in five formats."""

from .columns import COLUMNS
from .encode import catalogue_table, encode_catalogue
from .entry import Column, Entry

__all__ = [
    "COLUMNS",
    "Column",
    "Entry",
    "catalogue_table",
    "encode_catalogue",
]
