"""The table of columns: the one place from which every format of the catalogue follows."""

from .burst_columns import burst_columns, process_columns
from .duration_columns import duration_columns
from .entry import Column
from .spectrum_columns import spectrum_columns

__all__ = ["COLUMNS"]

COLUMNS: tuple[Column, ...] = (
    *burst_columns(),
    *duration_columns(),
    *spectrum_columns(),
    *process_columns(),
)
"""The columns of the catalogue, in their order."""
