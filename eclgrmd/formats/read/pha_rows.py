"""Reading of OGIP spectra (PHA type I and II, OGIP 92-007a), row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.channels import read_channels
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.recognise import SPECTRAL
from eclgrmd.formats.fits.reference import in_order
from eclgrmd.formats.fits.times import ABSOLUTE, Clock, read_times
from eclgrmd.formats.fits.units import SECOND
from eclgrmd.model.flags import Flag, FlagCode

from .pha import PhaSpectrum
from .spectrum_row import SpectrumRow

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


def read_pha(
    file: FitsFile, tables: tuple[Table, ...], clock: Clock
) -> tuple[tuple[PhaSpectrum, ...], tuple[Flag, ...]]:
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
    flags: list[Flag] = []
    for table in tables:
        _read_table(file.at(table), table, clock, spectra, flags)
    if not spectra:
        raise InputError(f"{flags[0].subject.removeprefix(file.path.name).strip()} has no EXPOSURE")
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
    flags: list[Flag],
) -> None:
    name = table.first_of(*SPECTRAL)
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
        row = SpectrumRow(file, table, clock, columns, texts, i if type_two else None)
        if rows > 1 and (row.exposure() or 0.0) <= 0.0:
            row_name = f"{file.path.name} row {i + 1} of {table.name}"
            flags.append(Flag(FlagCode.NO_EXPOSURE, subject=row_name))
            continue
        spectra.append(row.read(rows, channels))
