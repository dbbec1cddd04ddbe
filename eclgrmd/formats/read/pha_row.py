"""Access to the values of one spectrum in a PHA table, from columns and keywords."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.headers import strict_number, text
from eclgrmd.formats.fits.reference import Reference, parse_reference
from eclgrmd.formats.fits.times import Clock, header_time_s
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import Floats

__all__ = ["PhaRow"]


@dataclass(frozen=True, slots=True)
class PhaRow:
    """A spectrum in its table: a row of type II, or the whole table of type I."""

    file: FitsFile
    """The open file, with the table leading."""
    table: Table
    """The table."""
    clock: Clock
    """Reference time of the observation."""
    columns: Mapping[str, Floats]
    """Numeric columns by name; times in the file's own MET, seconds."""
    texts: Mapping[str, list[str]]
    """Text columns by name."""
    index: int | None
    """Index of the row, from 0; None: type I."""
    flags: list[Flag] = field(default_factory=list)
    """Collects flags while reading."""

    def values(self, name: str) -> Floats:
        """Return a column of the spectrum, shape (n,) or (1,)."""
        column = self.columns[name]
        values = column if self.index is None else column[self.index]
        return np.atleast_1d(values).astype(np.float64)

    def scalar(self, name: str) -> float | None:
        """Return a value of the row, or else of the table's or primary header; None: none.

        Headers of other tables are ignored: EXPOSURE of a GTI table is another quantity.
        """
        if name in self.columns and self.index is not None:
            value = float(np.ravel(self.columns[name][self.index])[0])
            return value if np.isfinite(value) else None
        of_table = strict_number(self.table.header, name)
        return strict_number(self.file.primary, name) if of_table is None else of_table

    def stored(self, name: str, n: int) -> Floats | None:
        """Return a column or a keyword that applies to all channels; None: there is neither."""
        if name in self.columns:
            values = self.values(name)
        else:
            value = strict_number(self.table.header, name)
            if value is None:
                return None
            values = np.array([value])
        if len(values) not in {1, n}:
            raise InputError(f"table {self.table.name}: {name} has {len(values)} values, not {n}")
        return np.broadcast_to(values, (n,))

    def optional(self, name: str, n: int) -> Floats | None:
        """Return the same as `stored`, with 0 where there is no number."""
        values = self.stored(name, n)
        return None if values is None else np.nan_to_num(values)

    def moment(self, key: str) -> float | None:
        """Return a time of the row or else of a header, in the file's own MET, seconds."""
        if key in self.columns and self.index is not None:
            return self.scalar(key)
        own = header_time_s(self.file, self.table.header, key)
        return header_time_s(self.file, self.file.primary, key) if own is None else own

    def reference(self, key: str) -> Reference | None:
        """Return the file that a column or keyword names; None: it names none."""
        if key in self.texts:
            return parse_reference(key, self.texts[key][self.index or 0])
        return parse_reference(key, text(self.table.header, key))

    def flag_channels(self, why: str, good: NDArray[np.bool_]) -> None:
        """Add a flag with the number of channels that are not good, and the reason."""
        if not good.all():
            detail = f"{int((~good).sum())} channels left out: {why}"
            self.flags.append(Flag(FlagCode.CHANNELS_LEFT_OUT, detail=detail))
