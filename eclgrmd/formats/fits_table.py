"""Columns of a FITS binary table, mapped from the file and not loaded."""

import re
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError

from .headers import Header, integer, number

__all__ = ["Table"]

ELEMENTS = {"B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}
"""Types of numbers that rows of varying length may hold, by their letter in TFORM."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A binary table of an open file.

    astropy reads its header; its rows are mapped here, since astropy's own records are copied
    whole when they are let go.
    """

    name: str
    """EXTNAME, upper case."""
    header: Header
    hdu: Any
    stream: BinaryIO
    offset: int
    """Where its rows begin in the file, bytes."""
    number: int = 0
    """Number of the extension in its file; 1 is the first."""

    @property
    def rows(self) -> int:
        """Number of rows that the header declares; the file is long enough for them."""
        return integer(self.header, "NAXIS2") or 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names, upper case."""
        return tuple(str(name).upper() for name in self.hdu.columns.names)

    def has(self, *names: str) -> bool:
        """Tell whether all these columns are there."""
        return set(names) <= set(self.columns)

    def first_of(self, *names: str) -> str | None:
        """Return the first of these columns that is there."""
        return next((name for name in names if name in self.columns), None)

    def width(self, name: str) -> int:
        """Return the number of values in one row of a column of fixed length."""
        stored, _, _ = self.stored(name)
        return int(np.prod(stored.shape[1:], dtype=np.int64))

    def stored(self, name: str) -> tuple[NDArray[Any], float, float]:
        """Return a column of fixed length as it lies in the file, with its TSCAL and TZERO.

        Raises
        ------
        InputError
            Where the column is missing, or its rows vary in length.
        """
        if self._varies(name):
            raise InputError(f"table {self.name}: the rows of column {name} vary in length")
        return self._stored(name)

    def _stored(self, name: str) -> tuple[NDArray[Any], float, float]:
        index = self._index(name)
        scale = number(self.header, f"TSCAL{index + 1}")
        zero = number(self.header, f"TZERO{index + 1}")
        raw = self._records()[self.hdu.columns.names[index]]
        return raw, 1.0 if scale is None else scale, 0.0 if zero is None else zero

    def column(self, name: str) -> NDArray[np.float64]:
        """Return a numeric column of fixed length, scaled, shape (rows,) or (rows, width)."""
        raw, scale, zero = self.stored(name)
        if raw.dtype.kind not in "iuf":
            raise InputError(f"table {self.name}: column {name} does not hold numbers")
        return _scaled(raw, scale, zero)

    def finite(self, name: str) -> NDArray[np.float64]:
        """Return a numeric column that must not hold NaN or infinity."""
        values = self.column(name)
        if not np.isfinite(values).all():
            raise InputError(
                f"table {self.name}: column {name} holds NaN or infinity: must be finite"
            )
        return values

    def lists(self, name: str) -> list[NDArray[np.float64]]:
        """Return a numeric column, one array a row, whether its rows vary in length or not."""
        letter = self._varies(name)
        if not letter:
            return list(self.column(name).reshape(self.rows, -1))
        if letter not in ELEMENTS:
            raise InputError(f"table {self.name}: column {name} does not hold numbers")
        places, scale, zero = self._stored(name)
        heap = self._heap()
        kind = np.dtype(ELEMENTS[letter])
        rows = []
        for length, start in places.astype(np.int64).reshape(self.rows, 2).tolist():
            stop = start + length * kind.itemsize
            if length < 0 or start < 0 or stop > len(heap):
                raise InputError(f"table {self.name}: a row of {name} lies outside the table")
            rows.append(_scaled(heap[start:stop].view(kind), scale, zero))
        return rows

    def words(self, name: str) -> list[str]:
        """Return a column of text, stripped; `none` becomes an empty text."""
        raw, _, _ = self.stored(name)
        words = [bytes(word).decode("ascii", "replace").strip(" \0") for word in raw.tolist()]
        return ["" if word.lower() == "none" else word for word in words]

    def _index(self, name: str) -> int:
        if name not in self.columns:
            raise InputError(
                f"table {self.name} has no column {name}, but {', '.join(self.columns)}"
            )
        return self.columns.index(name)

    def _varies(self, name: str) -> str:
        """Return the letter of the elements of a column of varying length, else an empty text."""
        form = str(self.hdu.columns[self._index(name)].format)
        match = re.fullmatch(r"\d*[PQ]([A-Z]).*", form)
        return match[1] if match else ""

    def _records(self) -> NDArray[Any]:
        kind = self.hdu.columns.dtype.newbyteorder(">")
        if kind.itemsize != integer(self.header, "NAXIS1"):
            raise InputError(f"table {self.name}: its columns do not fill its rows (NAXIS1)")
        if self.rows == 0:
            return np.empty(0, dtype=kind)
        return np.memmap(self.stream, dtype=kind, mode="r", offset=self.offset, shape=(self.rows,))

    def _heap(self) -> NDArray[np.uint8]:
        rows_bytes = (integer(self.header, "NAXIS1") or 0) * self.rows
        begin = integer(self.header, "THEAP") or rows_bytes
        size = rows_bytes + (integer(self.header, "PCOUNT") or 0) - begin
        if begin < rows_bytes or size < 0:
            raise InputError(f"table {self.name}: THEAP points outside the table")
        if size == 0:
            return np.empty(0, dtype=np.uint8)
        return np.memmap(
            self.stream, dtype=np.uint8, mode="r", offset=self.offset + begin, shape=(size,)
        )


def _scaled(raw: NDArray[Any], scale: float, zero: float) -> NDArray[np.float64]:
    values = np.array(raw, dtype=np.float64)
    if scale != 1.0:
        values *= scale
    if zero != 0.0:
        values += zero
    return values
