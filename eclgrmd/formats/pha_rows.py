"""Read OGIP spectra (PHA type I and II, OGIP 92-007a), row by row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.observation import Channels, Floats

from .channels import read_channels
from .fits_file import FitsFile
from .fits_table import Table
from .headers import flag, number, text
from .identity import detector_of, instrument_of
from .pha import PhaSpectrum, Reference, is_whole
from .recognise import gti_of
from .times import Clock

__all__ = ["read_pha"]

MAX_ROWS = 10_000
NUMBERS = (
    "CHANNEL", "EXPOSURE", "TSTART", "TSTOP", "TELAPSE", "STAT_ERR", "SYS_ERR", "QUALITY",
    "GROUPING", "AREASCAL", "BACKSCAL",
)  # fmt: skip
FILES = ("RESPFILE", "BACKFILE", "ANCRFILE")
SQUARE_ROOT = 0.01
"""Relative difference that a Poisson error printed as float32 may have."""


def read_pha(file: FitsFile, table: Table, clock: Clock) -> tuple[PhaSpectrum, ...]:
    """Read all spectra of a file.

    Raises
    ------
    InputError
        Where exposure or values are missing, not finite or not of one length.
    """
    name = table.first_of("COUNTS", "RATE")
    if name is None or not table.rows:
        raise InputError(f"table {table.name} has no spectrum in it")
    type_two = table.width(name) > 1
    rows = table.rows if type_two else 1
    if rows > MAX_ROWS:
        raise InputError(
            f"table {table.name} has {rows} spectra: read it as a series (TIME, ENDTIME)"
        )
    channels = read_channels(file)
    columns = {key: table.column(key) for key in (*NUMBERS, name) if table.has(key)}
    words = {key: table.words(key) for key in FILES if table.has(key)}
    return tuple(
        _Row(file, table, clock, columns, words, i if type_two else None).read(rows, channels)
        for i in range(rows)
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One spectrum in its table: a row of type II, or all of type I."""

    file: FitsFile
    table: Table
    clock: Clock
    columns: Mapping[str, Floats]
    words: Mapping[str, list[str]]
    index: int | None

    def read(self, n_rows: int, channels: Channels | None) -> PhaSpectrum:
        exposure_s = self.scalar("EXPOSURE")
        if exposure_s is None or exposure_s <= 0:
            raise InputError(f"table {self.table.name}: EXPOSURE must be greater than zero")
        counts, error = self.measured(exposure_s)
        n = len(counts)
        grouping = self.grouping(n)
        if error is not None and self.poisson(counts, error, grouped=grouping is not None):
            error = None
        quality, systematic = self.optional("QUALITY", n), self.optional("SYS_ERR", n)
        start_s, stop_s = self.interval()
        return PhaSpectrum(
            self.file.path.name,
            1 if self.index is None else self.index + 1,
            n_rows,
            instrument_of(self.file),
            detector_of(self.file),
            start_s,
            stop_s,
            exposure_s,
            self.channel_numbers(n, channels),
            counts,
            error,
            systematic if systematic is not None and systematic.any() else None,
            self.scale("AREASCAL", n),
            self.scale("BACKSCAL", n),
            text(self.table.header, "HDUCLAS2").upper() == "NET",
            None if quality is None or not quality.any() else quality == 0,
            grouping,
            channels,
            self.reference("RESPFILE"),
            self.reference("BACKFILE"),
            self.reference("ANCRFILE"),
        )

    def measured(self, exposure_s: float) -> tuple[Floats, Floats | None]:
        """Return counts and STAT_ERR as counts, whether the file has counts or rates."""
        name = self.table.first_of("COUNTS", "RATE") or "COUNTS"
        factor = exposure_s if name == "RATE" else 1.0
        counts = self.values(name) * factor
        if not np.isfinite(counts).all():
            raise InputError(f"table {self.table.name}: {name} holds NaN or infinity")
        error = self.optional("STAT_ERR", len(counts))
        counts = np.rint(counts) if is_whole(counts) else counts
        return counts, None if error is None or not error.any() else error * factor

    def grouping(self, n: int) -> NDArray[np.int16] | None:
        """Return GROUPING; None where each channel is its own group."""
        grouping = self.optional("GROUPING", n)
        return None if grouping is None or (grouping >= 0).all() else grouping.astype(np.int16)

    def poisson(self, counts: Floats, error: Floats, *, grouped: bool) -> bool:
        """Tell whether STAT_ERR adds nothing to Poisson counts.

        POISSERR decides, but rates of a modelled background are no counts whatever it says, and
        whole counts with their own square roots are Poisson even where it is false, unless someone
        has grouped them for a Gaussian fit.
        """
        if flag(self.table.header, "POISSERR"):
            return is_whole(counts)
        counted = counts > 0
        roots = np.allclose(error[counted] ** 2, counts[counted], rtol=SQUARE_ROOT)
        return is_whole(counts) and roots and not grouped

    def values(self, name: str) -> Floats:
        column = self.columns[name]
        values = column if self.index is None else column[self.index]
        return np.atleast_1d(values).astype(np.float64)

    def scalar(self, name: str) -> float | None:
        """Return a value of the row, else of the header (not that of GTI: it is another's)."""
        if name in self.columns and self.index is not None:
            value = float(np.ravel(self.columns[name][self.index])[0])
            return value if np.isfinite(value) else None
        value_of_header = number(self.table.header, name)
        return number(self.file.primary, name) if value_of_header is None else value_of_header

    def optional(self, name: str, n: int) -> Floats | None:
        """Return a column, or a keyword that holds for all channels; None without either."""
        if name in self.columns:
            values = self.values(name)
        else:
            value = number(self.table.header, name)
            if value is None:
                return None
            values = np.array([value])
        if len(values) not in {1, n}:
            raise InputError(f"table {self.table.name}: {name} has {len(values)} values, not {n}")
        return np.nan_to_num(np.broadcast_to(values, (n,)))

    def scale(self, name: str, n: int) -> Floats:
        scale = self.optional(name, n)
        if scale is None or not scale.any():
            return np.ones(n)
        if (scale < 0).any():
            raise InputError(f"table {self.table.name}: {name} must not be negative")
        return scale

    def channel_numbers(self, n: int, channels: Channels | None) -> NDArray[np.int64]:
        if "CHANNEL" in self.columns:
            numbers = self.values("CHANNEL").astype(np.int64)
            if len(numbers) != n or (np.diff(numbers) <= 0).any():
                raise InputError(f"table {self.table.name}: CHANNEL must rise, one a value")
            return numbers
        if channels is not None and len(channels.number) == n:
            return channels.number
        return np.arange(1, n + 1)

    def interval(self) -> tuple[float | None, float | None]:
        start, stop = self.scalar("TSTART"), self.scalar("TSTOP")
        elapsed = self.scalar("TELAPSE")
        if start is not None and elapsed is not None and self.index is not None:
            stop = start + elapsed
        if start is None and (gti := gti_of(self.file)) and gti[0].rows:
            start = float(gti[0].finite("START").min())
            stop = float(gti[0].finite("STOP").max())
        if start is None or stop is None:
            return None, None
        t0 = self.clock.t0_in(self.file, start)
        return start - t0, stop - t0

    def reference(self, key: str) -> Reference | None:
        if key in self.words:
            named = self.words[key][self.index or 0]
        else:
            named = text(self.table.header, key)
        match = re.fullmatch(r"(.*?)(?:\{(\d+)\})?", named)
        if match is None or not match[1]:
            return None
        # What an untrusted file names is looked for beside it and nowhere else.
        base = re.split(r"[/\\]", match[1])[-1]
        return Reference(base, int(match[2]) if match[2] else None) if base else None
