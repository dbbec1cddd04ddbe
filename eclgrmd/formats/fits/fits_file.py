"""Open a FITS file that nobody vouches for: checked sizes, plain columns, one kind of error."""

import errno
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from astropy.io import fits

from eclgrmd.errors import EclgrmdError, InputError
from eclgrmd.machine import machine_error

from .fits_table import Table
from .headers import OF_COLUMN, Header, check_readable, flag, number, strict_number, text
from .packed import SIMPLE, Unpacked
from .structure import DATA_OF_OURS, check_structure

__all__ = ["FitsFile", "open_fits", "reading"]

NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG})


@dataclass(frozen=True, slots=True, eq=False)
class FitsFile:
    """An open FITS file: its headers and tables. Arrays may be views: copy what is kept."""

    path: Path
    primary: Header
    tables: tuple[Table, ...]
    leading: Table | None = None
    """The table that is read: its header counts before the primary one (see `at`)."""
    places: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Which tables, counted from 0, have a keyword: a file may have many tables."""

    def having(self, *keys: str) -> Iterator[Header]:
        """Yield the header of the leading table, the primary one, then those of the tables.

        Those of tables only where they have one of the keywords.
        """
        if self.leading is not None:
            yield self.leading.header
        yield self.primary
        for place in sorted({place for key in keys for place in self.places.get(key, ())}):
            yield self.tables[place].header

    def at(self, table: Table) -> "FitsFile":
        """Return the file as one of its tables sees it, with that table leading."""
        return replace(self, leading=table)

    def number(self, key: str) -> float | None:
        """Return the first number that a header gives for a keyword."""
        return next((v for h in self.having(key) if (v := number(h, key)) is not None), None)

    def strict_number(self, key: str) -> float | None:
        """Return the first value that a header gives for a keyword, which must be a number."""
        values = (strict_number(header, key) for header in self.having(key))
        return next((value for value in values if value is not None), None)

    def text(self, key: str) -> str:
        """Return the first text that a header gives for a keyword, or an empty one."""
        return next((v for h in self.having(key) if (v := text(h, key))), "")

    def flag(self, key: str) -> bool | None:
        """Return the first logical value that a header gives for a keyword."""
        return next((v for h in self.having(key) if (v := flag(h, key)) is not None), None)

    def find(self, *columns: str) -> Table | None:
        """Return the first table that has all these columns."""
        return next((table for table in self.tables if table.has(*columns)), None)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what is wrong with a file into an `InputError` that names it.

    What the machine lacks is no fault of the file: it becomes a `MachineError`, and a lack of
    memory passes as it is.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what astropy warns of is checked here
            yield
    except InputError as error:
        sentence = str(error)
        if sentence.startswith(f"{path.name}: "):
            raise
        raise InputError(f"{path.name}: {sentence}") from error
    except (EclgrmdError, MemoryError):
        raise
    except OSError as error:
        if (trouble := machine_error(error, str(path))) is not None:
            raise trouble from error
        if error.errno in NOT_THERE:
            raise InputError(f"{path.name}: cannot be opened: {error.strerror}") from error
        raise _damaged(path, error) from error
    except Exception as error:
        # Damaged bytes surface in astropy as almost any exception, and all mean the same to us.
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> InputError:
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    return InputError(f"{path.name}: cannot be read, it may be damaged ({reason})")


@contextmanager
def open_fits(path: Path, unpacked: Unpacked | None = None) -> Iterator[FitsFile]:
    """Open a FITS file, plain or packed; tables are mapped, not loaded.

    What is read inside the block wants its own `reading`, since it may fail as well.

    Parameters
    ----------
    path
        The file.
    unpacked
        Keeps packed files unpacked for the next time that they are opened; None: for this time.

    Raises
    ------
    InputError
        When the file cannot be read, is no FITS, is cut short, or lies about its size.
    MachineError
        When the machine lacks something: room, descriptors, rights.
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
            file = FitsFile(path, primary, tables, places=_places(tables))
        yield file


def _check_magic(magic: bytes) -> None:
    if not magic:
        raise InputError("is empty: must be a FITS file")
    if not magic.startswith(SIMPLE):
        raise InputError("is no FITS file: it does not begin with SIMPLE")


def _tables(hdus: Any, number_of_hdus: int, stream: BinaryIO) -> Iterator[Table]:
    for index in range(number_of_hdus):  # asked for more, astropy looks for it in all that follows
        hdu = hdus[index]
        if isinstance(hdu, fits.BinTableHDU) and not flag(hdu.header, "ZIMAGE"):
            name = text(hdu.header, "EXTNAME").upper()
            if not _columns_told(hdu.header, name):
                continue
            yield Table(name, hdu.header, hdu, stream, int(hdu.fileinfo()["datLoc"]), index)


def _columns_told(header: Header, name: str) -> bool:
    """Return whether the keywords of all columns can be parsed, as astropy needs them.

    Raises
    ------
    InputError
        Where they cannot and the table holds what is used here.
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


def _places(tables: Sequence[Table]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, table in enumerate(tables):
        for key in set(table.header):
            places.setdefault(key, []).append(place)
    return places
