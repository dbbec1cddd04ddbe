"""The catalogue: one row for each result, from one table of columns, in five formats."""

from .columns import COLUMNS
from .encode import MEDIA_TYPES, CatalogueFormat, encode_catalogue
from .entry import Column, Entry

__all__ = [
    "COLUMNS",
    "MEDIA_TYPES",
    "CatalogueFormat",
    "Column",
    "Entry",
    "encode_catalogue",
]
