"""Columns of a FITS binary table, which are mapped into memory and not loaded."""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import prod
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError

from .headers import Header, integer, strict_integer, strict_number, text
from .units import factor

__all__ = ["Stored", "Table"]

ELEMENTS = {"B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}
"""Types of the numbers in columns of variable length, by their letter in TFORM."""
MAX_LISTS = 200_000
"""Most rows of a column of variable length: each row becomes an array of its own."""
MAX_VALUES = 60_000_000
"""Most values of a column that are loaded at once: 480 MB as float64."""


class Stored(NamedTuple):
    """A column as stored in the file; a value is `raw * scale + zero`, or null if raw is `null`."""

    raw: NDArray[Any]
    """Stored numbers, shape (rows,) or (rows, width)."""
    scale: float
    """TSCALn."""
    zero: float
    """TZEROn."""
    null: int | None
    """TNULLn, the integer that stands for null; None: there is none."""

    def nulls(self, rows: slice = slice(None)) -> NDArray[np.bool_] | None:
        """Return which values of the rows are null, shape of the rows; None: no value is."""
        if self.null is None or self.raw.dtype.kind not in "iu":
            return None
        limits = np.iinfo(self.raw.dtype)
        if not limits.min <= self.null <= limits.max:
            return None
        found = self.raw[rows] == self.null
        return found if found.any() else None

    def values(self) -> NDArray[np.float64]:
        """Return the scaled values, shape of `raw`; null becomes NaN."""
        if self.raw.size > MAX_VALUES:
            raise InputError(f"a column has {self.raw.size} values: must be at most {MAX_VALUES}")
        values = np.array(self.raw, dtype=np.float64)
        if (nulls := self.nulls()) is not None:
            values[nulls] = np.nan
        if self.scale != 1.0:
            values *= self.scale
        if self.zero != 0.0:
            values += self.zero
        return values


@dataclass(frozen=True, eq=False)
class Table:
    """A binary table of an open file.

    astropy reads the header. The rows are mapped here, because astropy copies a whole table when
    its records are released.
    """

    name: str
    """EXTNAME, upper case."""
    header: Header
    """Header of the extension."""
    hdu: Any
    """The extension as astropy has it."""
    stream: BinaryIO
    """The open file."""
    offset: int
    """Position of the first row in the file, bytes."""
    number: int = 0
    """Number of the extension in its file; 1 is the first."""

    @property
    def rows(self) -> int:
        """Number of rows declared by the header; the file was checked to be long enough."""
        return integer(self.header, "NAXIS2") or 0

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Column names, upper case; empty for columns without a name, which FITS allows."""
        return tuple(str(name or "").strip().upper() for name in self.hdu.columns.names)

    def has(self, *names: str) -> bool:
        """Return whether the table has all these columns."""
        return set(names) <= set(self.columns)

    def first_of(self, *names: str) -> str | None:
        """Return the first of these columns that the table has; None: it has none of them."""
        return next((name for name in names if name in self.columns), None)

    def width(self, name: str) -> int:
        """Return the number of values in one row of a column of fixed length."""
        return int(np.prod(self.stored(name).raw.shape[1:], dtype=np.int64))

    def unit(self, name: str) -> str:
        """Return the unit of a column (TUNITn); empty: none."""
        return text(self.header, f"TUNIT{self._index(name) + 1}")

    def stored(self, name: str) -> Stored:
        """Return a numeric column of fixed length as it is stored in the file.

        Raises
        ------
        InputError
            If the column is missing, not numeric, or of variable length.
        """
        if self._varies(name):
            raise InputError(f"table {self.name}: the rows of column {name} vary in length")
        stored = self._stored(name)
        if stored.raw.dtype.kind not in "iuf" or self._letter(name) == "L":
            raise InputError(f"table {self.name}: column {name} does not hold numbers")
        return stored

    def _stored(self, name: str) -> Stored:
        index = self._index(name)
        scale = strict_number(self.header, f"TSCAL{index + 1}")
        zero = strict_number(self.header, f"TZERO{index + 1}")
        if scale == 0.0:
            raise InputError(f"table {self.name}: TSCAL{index + 1} is 0: must be another number")
        raw = self._records()[str(index)]
        if self._letter(name) == "X":
            raw = np.unpackbits(_flat(raw), axis=1)[:, : self._repeat(name)]
        if raw.ndim > 1:
            # TDIMn only arranges the values of a row; a single value is a scalar nevertheless.
            raw = _flat(raw) if prod(raw.shape[1:]) != 1 else raw.reshape(len(raw))
        return Stored(
            raw,
            1.0 if scale is None else scale,
            0.0 if zero is None else zero,
            strict_integer(self.header, f"TNULL{index + 1}"),
        )

    def column(self, name: str, unit: str = "") -> NDArray[np.float64]:
        """Return the values of a numeric column of fixed length, shape (rows,) or (rows, width).

        Null becomes NaN.

        Parameters
        ----------
        name
            Name of the column, upper case.
        unit
            Unit of the result (`units.SECOND`, `KEV`, `CM2`); a column without TUNIT is assumed to
            be in this unit. Empty: do not convert.

        Raises
        ------
        InputError
            If there is no such numeric column, or its unit cannot be converted.
        """
        return self._converted(self.stored(name).values(), name, unit)

    def _converted(self, values: NDArray[np.float64], name: str, unit: str) -> NDArray[np.float64]:
        by = self.factor(name, unit) if unit else 1.0
        return values if by == 1.0 else values * by

    def factor(self, name: str, unit: str) -> float:
        """Return the conversion factor from a column's unit to another one."""
        try:
            return factor(self.unit(name), unit)
        except InputError as error:
            raise InputError(f"table {self.name}: the unit of column {name}: {error}") from error

    def finite(self, name: str, unit: str = "") -> NDArray[np.float64]:
        """Return the values of a numeric column; refuse NaN, infinity and null."""
        values = self.column(name, unit)
        if not np.isfinite(values).all():
            raise InputError(
                f"table {self.name}: column {name} holds NaN or infinity: must be finite"
            )
        return values

    def lists(self, name: str, unit: str = "") -> list[NDArray[np.float64]]:
        """Return a numeric column of fixed or variable length, as one array per row."""
        if not self._varies(name):
            return list(self.column(name, unit).reshape(self.rows, self.width(name)))
        if self._letter(name) not in ELEMENTS:
            raise InputError(f"table {self.name}: column {name} does not hold numbers")
        if self.rows > MAX_LISTS:
            raise InputError(
                f"table {self.name}: column {name} has {self.rows} rows of varying length: "
                f"must be at most {MAX_LISTS}"
            )
        descriptors = self._stored(name)
        heap = np.asarray(self._heap())
        kind = np.dtype(ELEMENTS[self._letter(name)])
        raw, ends, total = [], [0], 0
        rows = descriptors.raw.astype(np.int64).reshape(self.rows, 2)
        rows[rows[:, 0] == 0, 1] = 0  # the standard leaves the place of an empty row undefined
        for length, start in rows.tolist():
            stop = start + length * kind.itemsize
            if length < 0 or start < 0 or stop > len(heap):
                raise InputError(f"table {self.name}: a row of {name} lies outside the table")
            total += length
            if total > MAX_VALUES:  # rows may share a part of the heap
                raise InputError(
                    f"table {self.name}: the rows of column {name} have too many values in sum: "
                    f"must be at most {MAX_VALUES}"
                )
            raw.append(heap[start:stop].view(kind))
            ends.append(total)
        if not raw:
            return []
        values = descriptors._replace(raw=np.concatenate(raw)).values()
        values = self._converted(values, name, unit)
        return [values[begin:end] for begin, end in pairwise(ends)]

    def texts(self, name: str) -> list[str]:
        """Return a column of text, without surrounding blanks; `none` becomes an empty text."""
        if self._letter(name) != "A" or self._varies(name):
            raise InputError(f"table {self.name}: column {name} does not hold text")
        raw = self._records()[str(self._index(name))]
        texts = [bytes(value).decode("ascii", "replace").strip(" \0") for value in raw.tolist()]
        return ["" if value.lower() == "none" else value for value in texts]

    def _index(self, name: str) -> int:
        if name not in self.columns:
            raise InputError(
                f"table {self.name} has no column {name}, but {', '.join(self.columns)}"
            )
        if (number := self.columns.count(name)) > 1:
            raise InputError(f"table {self.name} has {number} columns {name}: must have one")
        return self.columns.index(name)

    def _form(self, name: str) -> re.Match[str]:
        form = str(self.hdu.columns[self._index(name)].format)
        match = re.match(r"(\d*)([PQ]?)([A-Z])", form.upper())
        if match is None:
            raise InputError(f"table {self.name}: TFORM of column {name} is {form}")
        return match

    def _varies(self, name: str) -> bool:
        """Return whether a column is of variable length."""
        return bool(self._form(name)[2])

    def _letter(self, name: str) -> str:
        """Return the letter of a column's type in TFORM."""
        return self._form(name)[3]

    def _repeat(self, name: str) -> int:
        return int(self._form(name)[1] or 1)

    def _records(self) -> NDArray[Any]:
        """Return the rows; columns are named by index, since names may be missing or repeated."""
        forms = enumerate(self.hdu.columns.formats)
        kind = np.dtype([(str(index), form.dtype) for index, form in forms]).newbyteorder(">")
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


def _flat(raw: NDArray[Any]) -> NDArray[Any]:
    """Return an array with the values of each row in one dimension, even if it has no rows."""
    return raw.reshape(len(raw), prod(raw.shape[1:]))
