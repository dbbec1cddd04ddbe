"""Opening of untrusted FITS files: with checked sizes, and one class of errors."""

import errno
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from eclgrmd.errors import EclgrmdError, InputError
from eclgrmd.machine import machine_error

from .astropy_fits import fits
from .fits_table import Table
from .headers import OF_COLUMN, Header, check_readable, flag, number, strict_number, text
from .packed import SIMPLE, Unpacked
from .structure import DATA_OF_OURS, check_structure

__all__ = ["FitsFile", "open_fits", "reading"]

NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG})
"""Errors of a path that does not lead to a file."""


@dataclass(frozen=True, slots=True, eq=False)
class FitsFile:
    """An open FITS file with its headers and tables; its arrays may be views, so copy kept ones."""

    path: Path
    """Path of the file."""
    primary: Header
    """Primary header."""
    tables: tuple[Table, ...]
    """Binary tables, in the order of the file."""
    leading: Table | None = None
    """The table that is being read, whose header takes precedence over all others; None: none."""
    tables_with: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Indices of the tables that have a keyword, by keyword: searching all headers of a file with
    many tables takes too long."""

    def having(self, *keys: str) -> Iterator[Header]:
        """Yield the header of the leading table, the primary header, then those of other tables.

        Headers of other tables are included only if they have one of the keywords.
        """
        if self.leading is not None:
            yield self.leading.header
        yield self.primary
        for index in sorted({index for key in keys for index in self.tables_with.get(key, ())}):
            yield self.tables[index].header

    def at(self, table: Table) -> "FitsFile":
        """Return the file with one of its tables leading."""
        return replace(self, leading=table)

    def number(self, key: str) -> float | None:
        """Return the first number that a header has for a keyword; None: there is none."""
        return next((v for h in self.having(key) if (v := number(h, key)) is not None), None)

    def strict_number(self, key: str) -> float | None:
        """Return the first number of a keyword as `number` does, but refuse other values."""
        values = (strict_number(header, key) for header in self.having(key))
        return next((value for value in values if value is not None), None)

    def text(self, key: str) -> str:
        """Return the first text that a header has for a keyword; empty: there is none."""
        return next((v for h in self.having(key) if (v := text(h, key))), "")

    def flag(self, key: str) -> bool | None:
        """Return the first logical value that a header has for a keyword; None: there is none."""
        return next((v for h in self.having(key) if (v := flag(h, key)) is not None), None)

    def find(self, *columns: str) -> Table | None:
        """Return the first table with all these columns; None: there is none."""
        return next((table for table in self.tables if table.has(*columns)), None)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Convert errors inside the context to an `InputError` that names the file.

    Errors of the machine, such as a full disk, become a `MachineError`. A `MemoryError` passes
    unchanged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own checks cover what astropy warns of
            yield
    except InputError as error:
        sentence = str(error)
        if sentence.startswith(f"{path.name}: "):
            raise
        raise InputError(f"{path.name}: {sentence}") from error
    except (EclgrmdError, MemoryError):
        raise
    except OSError as error:
        if (lack := machine_error(error, str(path))) is not None:
            raise lack from error
        if error.errno in NOT_THERE:
            raise InputError(f"{path.name}: cannot be opened: {error.strerror}") from error
        raise _damaged(path, error) from error
    except Exception as error:
        # Damaged bytes can cause almost any exception in astropy.
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> InputError:
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    return InputError(f"{path.name}: cannot be read, it may be damaged ({reason})")


@contextmanager
def open_fits(path: Path, unpacked: Unpacked | None = None) -> Iterator[FitsFile]:
    """Open a FITS file, compressed or not; tables are mapped into memory, not loaded.

    Code inside the context that reads data needs its own `reading`, since it may fail too.

    Parameters
    ----------
    path
        The file.
    unpacked
        Keeps the unpacked file for the next time that it is opened; None: unpack it only for this
        context.

    Raises
    ------
    InputError
        If the file cannot be read, is not FITS, is cut short, or declares a wrong size.
    MachineError
        If the machine lacks a resource: disk space, descriptors, permissions.
    """
    with ExitStack() as stack:
        with reading(path):
            plain = stack.enter_context(Unpacked()) if unpacked is None else unpacked
            stream = stack.enter_context(plain(path).open("rb"))
            _check_magic(stream.read(len(SIMPLE)))
            size = stream.seek(0, 2)
            stream.seek(0)
            number_of_hdus = check_structure(stream, size)
            hdus = stack.enter_context(
                fits.open(stream, memmap=True, lazy_load_hdus=True, disable_image_compression=True)
            )
            tables = tuple(_tables(hdus, number_of_hdus, stream))
            primary = cast(Header, hdus[0].header)
            file = FitsFile(path, primary, tables, tables_with=_tables_with(tables))
        yield file


def _check_magic(magic: bytes) -> None:
    if not magic:
        raise InputError("is empty: must be a FITS file")
    if not magic.startswith(SIMPLE):
        raise InputError("is no FITS file: it does not begin with SIMPLE")


def _tables(hdus: Any, number_of_hdus: int, stream: BinaryIO) -> Iterator[Table]:
    for index in range(number_of_hdus):  # beyond that, astropy would search the rest of the file
        hdu = hdus[index]
        if isinstance(hdu, fits.BinTableHDU) and not flag(hdu.header, "ZIMAGE"):
            name = text(hdu.header, "EXTNAME").upper()
            if not _columns_readable(hdu.header, name):
                continue
            yield Table(name, hdu.header, hdu, stream, int(hdu.fileinfo()["datLoc"]), index)


def _columns_readable(header: Header, name: str) -> bool:
    """Return whether the keywords of all columns can be parsed, which astropy requires.

    Raises
    ------
    InputError
        If they cannot, and the table has data that an analysis would use.
    """
    try:
        for key in sorted(set(header)):
            if OF_COLUMN.fullmatch(key):
                check_readable(header, key)
    except InputError:
        if DATA_OF_OURS.search(f"{name} {text(header, 'HDUCLAS1')}".upper()):
            raise
        return False
    return True


def _tables_with(tables: Sequence[Table]) -> dict[str, list[int]]:
    """Return the indices of the tables that have a keyword, by keyword."""
    found: dict[str, list[int]] = {}
    for index, table in enumerate(tables):
        for key in set(table.header):
            found.setdefault(key, []).append(index)
    return found
