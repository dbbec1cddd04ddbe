"""Reading of responses: RMF, RSP and RSP2 (CAL/GEN 92-002a), and effective areas (ARF)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.channels import read_channels
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.headers import strict_integer, strict_number, text
from eclgrmd.formats.fits.identity import detector_of, instrument_of
from eclgrmd.formats.fits.reference import Extension, extension_of
from eclgrmd.formats.fits.times import Clock, header_time_s
from eclgrmd.formats.fits.units import CM2, KEV
from eclgrmd.model.observation import Channels, Floats, Response

__all__ = ["Area", "Matrix", "apply_area", "is_redistribution_only", "read_area", "read_matrices"]

MAX_ELEMENTS = 20_000_000
"""Most elements of a matrix: 160 MB. No instrument has more, so a larger number in a header is
wrong."""
MAX_ALL_ELEMENTS = 60_000_000
"""Most elements of all matrices of a file: 480 MB."""
MAX_GROUPS = 500_000
"""Most groups of channels in all rows of a matrix: Python handles each of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """A matrix of a response file."""

    extension: Extension
    """Its extension."""
    timed: bool
    """Whether its header has a start or an end of validity."""
    response: Response
    """The matrix itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """Effective area on a grid of photon energies (ARF)."""

    extension: Extension
    """Its extension."""
    detector: str
    """Name of the detector."""
    energy_low_kev: Floats
    """Lower edges of the photon energy bins, keV, shape (m,)."""
    energy_high_kev: Floats
    """Upper edges of the photon energy bins, keV, shape (m,)."""
    area_cm2: Floats
    """Effective area in each bin, cm2, shape (m,)."""


def read_matrices(file: FitsFile, tables: Sequence[Table], clock: Clock) -> tuple[Matrix, ...]:
    """Read all matrices of a file in their order, with the validity of their headers.

    Raises
    ------
    InputError
        If a matrix refers to channels that do not exist, or its energies do not rise.
    """
    channels = read_channels(file)
    if channels is None:
        raise InputError("has no EBOUNDS: its channels have no energies")
    elements = sum(table.rows for table in tables) * len(channels.number)
    if elements > MAX_ALL_ELEMENTS:
        raise InputError(f"its matrices have {elements} elements: at most {MAX_ALL_ELEMENTS}")
    return tuple(_read(file, table, channels, clock) for table in tables)


def _read(file: FitsFile, table: Table, channels: Channels, clock: Clock) -> Matrix:
    low, high = _grid(table)
    for key in ("TSTART", "TSTOP"):
        strict_number(table.header, key)  # ignoring a bad time would sum the matrix with others
    start, stop = (header_time_s(file, table.header, key) for key in ("TSTART", "TSTOP"))
    response = Response(
        instrument_of(file, table),
        detector_of(file, table),
        low,
        high,
        _matrix(table, len(channels.number)),
        channels,
        -np.inf if start is None else start - clock.t0_in(file, start),
        np.inf if stop is None else stop - clock.t0_in(file, stop),
    )
    return Matrix(extension_of(table), start is not None or stop is not None, response)


def _grid(table: Table) -> tuple[Floats, Floats]:
    low, high = table.finite("ENERG_LO", KEV), table.finite("ENERG_HI", KEV)
    if not len(low) or (high < low).any() or (np.diff(low) < 0).any() or low[0] < 0:
        raise InputError(f"table {table.name}: ENERG_LO and ENERG_HI must rise from row to row")
    return low, high


def _matrix(table: Table, n_channels: int) -> Floats:
    if table.rows * n_channels > MAX_ELEMENTS:
        raise InputError(f"table {table.name} declares {table.rows} x {n_channels} elements")
    groups = table.column("N_GRP").astype(np.int64)
    if len(groups) and (groups.max() > n_channels or groups.sum() > MAX_GROUPS):
        raise InputError(
            f"table {table.name}: N_GRP says up to {groups.max()} groups a row, {groups.sum()} in "
            f"all: must be at most {n_channels} (the channels) and {MAX_GROUPS}"
        )
    first, counts = (table.lists(name) for name in ("F_CHAN", "N_CHAN"))
    values = table.lists("MATRIX", CM2)
    origin = _origin(table, n_channels, groups, first, counts)
    matrix = np.zeros((table.rows, n_channels))
    for row in range(table.rows):
        begins, lengths = _groups(table, groups[row], first[row], counts[row])
        if lengths.sum() > len(values[row]):
            raise InputError(f"table {table.name}, row {row + 1}: MATRIX is shorter than N_CHAN")
        taken = 0
        for begin, length in zip(begins - origin, lengths, strict=True):
            if begin < 0 or begin + length > n_channels:
                raise InputError(
                    f"table {table.name}, row {row + 1}: a group lies outside the "
                    f"{n_channels} channels of EBOUNDS"
                )
            matrix[row, begin : begin + length] += values[row][taken : taken + length]
            taken += length
    if not np.isfinite(matrix).all():
        raise InputError(f"table {table.name}: MATRIX holds NaN or infinity")
    return matrix


def _groups(
    table: Table, n: int, first: Floats, counts: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return first channel and length of each group in a row, without groups of length 0."""
    if n < 0 or n > min(len(first), len(counts)):
        raise InputError(f"table {table.name}: N_GRP says {n}, but F_CHAN and N_CHAN are shorter")
    lengths = counts[:n].astype(np.int64)
    if (lengths < 0).any():
        raise InputError(f"table {table.name}: N_CHAN is negative")
    used = lengths > 0
    return first[:n].astype(np.int64)[used], lengths[used]


def _origin(
    table: Table,
    n_channels: int,
    groups: NDArray[np.int64],
    first: list[Floats],
    counts: list[Floats],
) -> int:
    """Return the number of the first channel in F_CHAN: its TLMIN, by default 1.

    A file without TLMIN whose groups start at 0 counts from 0, in spite of the default.
    """
    lowest = strict_integer(table.header, f"TLMIN{table.columns.index('F_CHAN') + 1}")
    if lowest is not None:
        return lowest
    rows = zip(groups, first, counts, strict=True)
    begins = [b for n, f, c in rows for b in _groups(table, n, f, c)[0]]
    return 0 if begins and min(begins) == 0 else 1


def read_area(file: FitsFile, table: Table) -> Area:
    """Read an effective area (ARF)."""
    low, high = _grid(table)
    area = table.finite("SPECRESP", CM2)
    return Area(extension_of(table), detector_of(file, table), low, high, area)


def apply_area(response: Response, area: Area) -> Response:
    """Multiply a redistribution matrix by an effective area on the same energies.

    Raises
    ------
    InputError
        If their energies differ.
    """
    if len(area.area_cm2) != len(response.energy_low_kev) or not np.allclose(
        area.energy_low_kev, response.energy_low_kev, rtol=1e-3
    ):
        raise InputError(
            f"effective area and response of {response.detector} have different photon energies"
        )
    return replace(response, matrix_cm2=response.matrix_cm2 * area.area_cm2[:, None])


def is_redistribution_only(table: Table) -> bool:
    """Return whether a matrix lacks the effective area (HDUCLAS3 REDIST or DETECTOR)."""
    return text(table.header, "HDUCLAS3").upper() in {"REDIST", "DETECTOR"}
