"""Open a FITS file that nobody vouches for: checked sizes, plain columns, one kind of error."""

import errno
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from astropy.io import fits

from eclgrmd.errors import EclgrmdError, InputError
from eclgrmd.machine import machine_trouble

from .fits_table import Table
from .headers import Header, flag, integer, number, text
from .packed import SIMPLE, Unpacked

__all__ = ["FitsFile", "open_fits", "reading"]

MAX_TABLES = 1000
MAX_COLUMNS = 999
BLOCK_BYTES = 2880
NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG})


@dataclass(frozen=True, slots=True, eq=False)
class FitsFile:
    """An open FITS file: its headers and tables. Arrays may be views: copy what is kept."""

    path: Path
    primary: Header
    tables: tuple[Table, ...]
    leading: Table | None = None
    """The table that is read: its header counts before the primary one (see `at`)."""

    @property
    def headers(self) -> tuple[Header, ...]:
        """The header of the leading table, the primary one, then those of the tables."""
        own = () if self.leading is None else (self.leading.header,)
        return (*own, self.primary, *(table.header for table in self.tables))

    def at(self, table: Table) -> "FitsFile":
        """Return the file as one of its tables sees it, with that table leading."""
        return replace(self, leading=table)

    def number(self, key: str) -> float | None:
        """Return the first number that a header gives for a keyword."""
        return next((v for h in self.headers if (v := number(h, key)) is not None), None)

    def text(self, key: str) -> str:
        """Return the first text that a header gives for a keyword, or an empty one."""
        return next((v for h in self.headers if (v := text(h, key))), "")

    def flag(self, key: str) -> bool | None:
        """Return the first logical value that a header gives for a keyword."""
        return next((v for h in self.headers if (v := flag(h, key)) is not None), None)

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
        if (trouble := machine_trouble(error, str(path))) is not None:
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
            stream.seek(0)
            hdus = stack.enter_context(fits.open(stream, memmap=True, lazy_load_hdus=True))
            tables = tuple(_tables(hdus, stream, stream.seek(0, 2)))
            file = FitsFile(path, cast(Header, hdus[0].header), tables)
        yield file


def _check_magic(magic: bytes) -> None:
    if not magic:
        raise InputError("is empty: must be a FITS file")
    if not magic.startswith(SIMPLE):
        raise InputError("is no FITS file: it does not begin with SIMPLE")


def _tables(hdus: Iterable[Any], stream: BinaryIO, size: int) -> Iterator[Table]:
    end = 0
    for index, hdu in enumerate(hdus):
        if index > MAX_TABLES:
            raise InputError(f"has more than {MAX_TABLES} extensions")
        name = text(hdu.header, "EXTNAME").upper()
        begin = int(hdu.fileinfo()["datLoc"])
        if (integer(hdu.header, "TFIELDS") or 0) > MAX_COLUMNS:
            raise InputError(f"table {name} declares more than {MAX_COLUMNS} columns")
        end = begin + -(-hdu.size // BLOCK_BYTES) * BLOCK_BYTES
        if hdu.size < 0 or end > size:
            raise InputError(
                f"is cut short: extension {name or index} ends at byte {end}, "
                f"but the file has {size}"
            )
        if isinstance(hdu, fits.BinTableHDU):
            yield Table(name, hdu.header, hdu, stream, begin, index)
    stream.seek(end)
    if stream.read(8) == b"XTENSION":
        raise InputError("is damaged: the header of its last extension cannot be read")
