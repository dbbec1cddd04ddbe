"""Reading of OGIP spectra (PHA type I and II, OGIP 92-007a), row by row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.channels import read_channels
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.headers import strict_flag, strict_integer, strict_number, text
from eclgrmd.formats.fits.identity import detector_of, instrument_of, mission_of
from eclgrmd.formats.fits.recognise import gti_of, is_background
from eclgrmd.formats.fits.reference import Reference, extension_of, in_order, parse_reference
from eclgrmd.formats.fits.times import ABSOLUTE, Clock, header_time_s, read_times
from eclgrmd.formats.fits.units import SECOND
from eclgrmd.formats.rows.counted import counts_per_second, unit_flags
from eclgrmd.formats.rows.numbering import Numbering, match_channels
from eclgrmd.model.observation import Channels, Floats

from .pha import PhaSpectrum, is_whole

__all__ = ["read_pha"]

MAX_ROWS = 10_000
"""Most spectra in a table: more are a series in time."""
NUMBERS = (
    "CHANNEL", "STAT_ERR", "SYS_ERR", "QUALITY", "GROUPING", "AREASCAL", "BACKSCAL",
)  # fmt: skip
"""Columns with one number per channel or row."""
DURATIONS = ("EXPOSURE", "LIVETIME", "TELAPSE")
"""Columns with durations."""
MOMENTS = ("TSTART", "TSTOP")
"""Columns with times."""
FILES = ("RESPFILE", "BACKFILE", "ANCRFILE")
"""Columns with references to files."""
SQUARE_ROOT = 0.01
"""Relative difference of squared errors and counts that counts as rounding of STAT_ERR."""

Bools = NDArray[np.bool_]


def read_pha(
    file: FitsFile, tables: tuple[Table, ...], clock: Clock
) -> tuple[tuple[PhaSpectrum, ...], tuple[str, ...]]:
    """Read all spectra of a file, extension by extension.

    Returns
    -------
    tuple
        The spectra, and a flag for each row that was left out.

    Raises
    ------
    InputError
        If exposure or values are missing, or the lengths of columns differ.
    """
    spectra: list[PhaSpectrum] = []
    flags: list[str] = []
    for table in tables:
        _read_table(file.at(table), table, clock, spectra, flags)
    if not spectra:
        raise InputError(flags[0].removeprefix(f"left out: {file.path.name} "))
    return tuple(_ranked(spectra)), tuple(flags)


def _ranked(spectra: Sequence[PhaSpectrum]) -> Iterator[PhaSpectrum]:
    """Number the source spectra of a file: rows of one table, or tables of one spectrum each."""
    sources = [s for s in spectra if not s.is_background]
    tables = {s.extension for s in sources}
    ordered = in_order([s.extension for s in sources])
    for spectrum in spectra:
        if spectrum.is_background or (len(tables) > 1 and spectrum.n_rows > 1):
            yield spectrum
        elif len(tables) > 1:
            rank = ordered.index(spectrum.extension) + 1
            yield replace(spectrum, rank=rank, n_spectra=len(tables))
        else:
            yield replace(spectrum, rank=spectrum.row, n_spectra=spectrum.n_rows)


def _read_table(
    file: FitsFile,
    table: Table,
    clock: Clock,
    spectra: list[PhaSpectrum],
    flags: list[str],
) -> None:
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
    columns |= {key: table.column(key, SECOND) for key in DURATIONS if table.has(key)}
    columns |= {key: read_times(file, table, key, ABSOLUTE) for key in MOMENTS if table.has(key)}
    texts = {key: table.texts(key) for key in FILES if table.has(key)}
    for i in range(rows):
        row = _Row(file, table, clock, columns, texts, i if type_two else None)
        if rows > 1 and (row.exposure() or 0.0) <= 0.0:
            flags.append(f"left out: {file.path.name} row {i + 1} of {table.name} has no EXPOSURE")
            continue
        spectra.append(row.read(rows, channels))


@dataclass(frozen=True, slots=True)
class _Row:
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
    flags: list[str] = field(default_factory=list)
    """Collects flags while reading."""

    def read(self, n_rows: int, channels: Channels | None) -> PhaSpectrum:
        exposure_s = self.live_time()
        counts, error, good = self.measured(exposure_s)
        n = len(counts)
        area, area_good = self.scale("AREASCAL", n)
        back, back_good = self.scale("BACKSCAL", n)
        quality, systematic = self.optional("QUALITY", n), self.optional("SYS_ERR", n)
        start_s, stop_s = self.interval()
        numbers = self.channel_numbers(n, channels)
        declared = strict_integer(self.table.header, "DETCHANS")
        return PhaSpectrum(
            path=self.file.path,
            extension=extension_of(self.table),
            row=1 if self.index is None else self.index + 1,
            n_rows=n_rows,
            is_background=is_background(self.file, self.table),
            mission=mission_of(self.file, self.table),
            instrument=instrument_of(self.file, self.table),
            detector=detector_of(self.file, self.table),
            start_s=start_s,
            stop_s=stop_s,
            exposure_s=exposure_s,
            number=numbers,
            declared=declared,
            counts=counts,
            error=error,
            systematic=systematic if systematic is not None and systematic.any() else None,
            area_scale=area,
            back_scale=back,
            net=self.is_net(),
            good=good & area_good & back_good & (quality == 0 if quality is not None else True),
            grouping=self.grouping(n),
            channels=_energies(numbers, declared, channels),
            response=self.reference("RESPFILE"),
            background=self.reference("BACKFILE"),
            ancillary=self.reference("ANCRFILE"),
            flags=tuple(self.flags),
        )

    def exposure(self) -> float | None:
        """Return EXPOSURE or else LIVETIME, seconds; None: there is neither."""
        exposure_s = self.scalar("EXPOSURE")
        return self.scalar("LIVETIME") if exposure_s is None else exposure_s

    def live_time(self) -> float:
        exposure_s = self.exposure()
        if exposure_s is None:
            raise InputError(
                f"table {self.table.name}: EXPOSURE is missing: must be the live time in seconds"
            )
        if exposure_s <= 0:
            raise InputError(
                f"table {self.table.name}: EXPOSURE is {exposure_s:g}: must be greater than zero"
            )
        if self.scalar("EXPOSURE") is None:
            self.flags.append("EXPOSURE is missing: LIVETIME taken")
        return exposure_s

    def measured(self, exposure_s: float) -> tuple[Floats, Floats | None, Bools]:
        """Return counts, errors in counts (None: Poisson), and which channels have values.

        The file may have counts or rates.
        """
        name = self.table.first_of("COUNTS", "RATE") or "COUNTS"
        self.flags.extend(unit_flags(self.table, name))
        counts = self.values(name) * self.to_counts(name, exposure_s)
        known = np.isfinite(counts)
        if not known.any():
            raise InputError(f"table {self.table.name}: {name} has no number in any channel")
        error = self.stored("STAT_ERR", len(counts))
        if error is not None and np.nan_to_num(error).any():
            error = error * self.to_counts("STAT_ERR", exposure_s, like=name)
        else:
            error = None
        grouped = self.grouping(len(counts)) is not None
        if error is not None and self.poisson(counts[known], error[known], grouped=grouped):
            error = None
        good = known
        if error is not None:
            good = known & np.isfinite(error) & ((error > 0.0) | ((error == 0.0) & (counts == 0.0)))
        self.flag_channels(
            f"no number in {name} or no error in STAT_ERR"
            if error is not None
            else f"no number in {name}",
            good,
        )
        counts = np.where(good, counts, 0.0)
        self.check_counts(name, counts, error)
        if error is not None:
            error = np.where(good, error, 0.0)
        return np.rint(counts) if is_whole(counts) else counts, error, good

    def is_net(self) -> bool:
        """Return whether the background is subtracted already."""
        return text(self.table.header, "HDUCLAS2").upper() == "NET"

    def to_counts(self, name: str, exposure_s: float, like: str = "") -> float:
        """Return the factor that converts a column to counts in the exposure."""
        if name not in self.table.columns:
            name = like
        by = counts_per_second(self.table, name, like)
        return 1.0 if by is None else by * exposure_s

    def check_counts(self, name: str, counts: Floats, error: Floats | None) -> None:
        """Flag or refuse values that are declared to be Poisson counts but cannot be."""
        if error is not None:
            if (counts < 0).any() and strict_flag(self.table.header, "POISSERR"):
                self.flags.append("negative counts are no Poisson counts: STAT_ERR taken")
            return
        quality = self.optional("QUALITY", len(counts))
        used = counts if quality is None else counts[quality == 0]
        if (used < 0).any():
            raise InputError(
                f"table {self.table.name}: {name} is negative in {int((used < 0).sum())} channels "
                "and there is no STAT_ERR: these are no Poisson counts, and their errors are needed"
            )
        if not is_whole(np.maximum(counts, 0.0)):
            self.flags.append("fractional counts taken as Poisson")
        if self.is_net():
            self.flags.append("net counts without errors taken as Poisson")

    def flag_channels(self, why: str, good: Bools) -> None:
        if not good.all():
            self.flags.append(f"{int((~good).sum())} channels left out: {why}")

    def grouping(self, n: int) -> NDArray[np.int16] | None:
        """Return GROUPING; None: each channel is its own group."""
        grouping = self.optional("GROUPING", n)
        return None if grouping is None or (grouping >= 0).all() else grouping.astype(np.int16)

    def poisson(self, counts: Floats, error: Floats, *, grouped: bool) -> bool:
        """Return whether the counts are Poisson, so that STAT_ERR adds no information.

        Net counts are never Poisson. Otherwise POISSERR decides, with two exceptions. Values that
        are not integers, such as the rates of a modelled background, are never Poisson. Integer
        counts whose errors are their square roots are Poisson even if POISSERR is false, unless
        they are grouped for a Gaussian fit.
        """
        if self.is_net():
            return False
        if strict_flag(self.table.header, "POISSERR"):
            return is_whole(counts)
        counted = (counts > 0) & np.isfinite(error)
        roots = np.allclose(error[counted] ** 2, counts[counted], rtol=SQUARE_ROOT)
        return is_whole(counts) and roots and not grouped

    def values(self, name: str) -> Floats:
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

    def scale(self, name: str, n: int) -> tuple[Floats, Bools]:
        """Return AREASCAL or BACKSCAL (1 where it is missing), and which channels have a value."""
        scale = self.optional(name, n)
        if scale is None:
            return np.ones(n), np.ones(n, dtype=bool)
        if (scale < 0).any():
            raise InputError(f"table {self.table.name}: {name} must not be negative")
        good = scale > 0
        if not good.any():
            raise InputError(f"table {self.table.name}: {name} is 0: must be greater than zero")
        self.flag_channels(f"{name} is 0", good)
        return np.where(good, scale, 1.0), good

    def channel_numbers(self, n: int, channels: Channels | None) -> NDArray[np.int64]:
        if "CHANNEL" in self.columns:
            numbers = np.nan_to_num(self.values("CHANNEL")).astype(np.int64)
            if len(numbers) != n or (np.diff(numbers) <= 0).any():
                raise InputError(f"table {self.table.name}: CHANNEL must rise, one a value")
            return numbers
        if channels is not None and len(channels.number) == n:
            return channels.number
        return np.arange(1, n + 1)

    def interval(self) -> tuple[float | None, float | None]:
        start, stop = self.moment("TSTART"), self.moment("TSTOP")
        elapsed = self.scalar("TELAPSE")
        if start is not None and elapsed is not None and self.index is not None:
            stop = start + elapsed
        if start is None and (gti := self.good_times()) is not None and gti.rows:
            start, stop = self.span(gti)
        if start is None or stop is None:
            return None, None
        t0 = self.clock.t0_in(self.file, start)
        return start - t0, stop - t0

    def moment(self, key: str) -> float | None:
        """Return a time of the row or else of a header, in the file's own MET, seconds."""
        if key in self.columns and self.index is not None:
            return self.scalar(key)
        own = header_time_s(self.file, self.table.header, key)
        return header_time_s(self.file, self.file.primary, key) if own is None else own

    def span(self, gti: Table) -> tuple[float | None, float | None]:
        """Return first start and last stop of good times, in the file's own MET, seconds."""
        times = [read_times(self.file, gti, key, ABSOLUTE) for key in ("START", "STOP")]
        if not np.isfinite(times).any(axis=1).all():
            return None, None
        return float(np.nanmin(times[0])), float(np.nanmax(times[1]))

    def good_times(self) -> Table | None:
        """Return the table of good times with the same EXTVER, or else the first; None: none."""
        tables = gti_of(self.file)
        version = extension_of(self.table).version
        same = (t for t in tables if extension_of(t).version == version)
        return next(same, next(iter(tables), None))

    def reference(self, key: str) -> Reference | None:
        if key in self.texts:
            return parse_reference(key, self.texts[key][self.index or 0])
        return parse_reference(key, text(self.table.header, key))


def _energies(
    numbers: NDArray[np.int64], declared: int | None, channels: Channels | None
) -> Channels | None:
    """Return the energies of these channels; None: the file does not have all of them."""
    if channels is None:
        return None
    whole = Numbering("EBOUNDS", channels.number)
    try:
        ours, theirs = match_channels(Numbering("SPECTRUM", numbers, declared), whole)
    except InputError:
        return None
    if len(ours) < len(numbers):
        return None
    low, high = channels.e_min_kev, channels.e_max_kev
    return Channels(channels.number[theirs], low[theirs], high[theirs])
