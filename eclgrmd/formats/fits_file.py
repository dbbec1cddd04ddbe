"""Open a FITS file that nobody vouches for: checked sizes, plain columns, one kind of error."""

import gzip
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from astropy.io import fits

from eclgrmd.errors import InputError

from .fits_table import Table
from .headers import Header, flag, integer, number, text

__all__ = ["FitsFile", "open_fits", "reading"]

MAX_TABLES = 1000
MAX_COLUMNS = 999
MAX_UNPACKED_BYTES = 2 << 30
GZIP = b"\x1f\x8b"
SIMPLE = b"SIMPLE  ="
BLOCK_BYTES = 2880
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class FitsFile:
    """An open FITS file: its headers and tables. Arrays may be views: copy what is kept."""

    path: Path
    primary: Header
    tables: tuple[Table, ...]

    @property
    def headers(self) -> tuple[Header, ...]:
        """The primary header, then those of the tables."""
        return (self.primary, *(table.header for table in self.tables))

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
    """Turn everything that goes wrong with a file into an `InputError` that names it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what astropy warns of is checked here
            yield
    except InputError as error:
        sentence = str(error)
        if sentence.startswith(f"{path.name}: "):
            raise
        raise InputError(f"{path.name}: {sentence}") from error
    except Exception as error:
        # Damaged bytes surface in astropy as almost any exception, and all mean the same to us.
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(f"{path.name}: cannot be read, it may be damaged ({reason})") from error


@contextmanager
def open_fits(path: Path) -> Iterator[FitsFile]:
    """Open a FITS file, plain or gzip-compressed; tables are mapped, not loaded.

    What is read inside the block wants its own `reading`, since it may fail as well.

    Raises
    ------
    InputError
        Where the file cannot be read, is no FITS, is cut short, or lies about its size.
    """
    with ExitStack() as stack:
        with reading(path):
            stream = stack.enter_context(_unpacked(path))
            hdus = stack.enter_context(fits.open(stream, memmap=True, lazy_load_hdus=True))
            tables = tuple(_tables(hdus, stream, stream.seek(0, 2)))
            file = FitsFile(path, cast(Header, hdus[0].header), tables)
        yield file


@contextmanager
def _unpacked(path: Path) -> Iterator[BinaryIO]:
    with path.open("rb") as file:
        magic = file.read(len(SIMPLE))
        if not magic.startswith(GZIP):
            _check_magic(magic)
            file.seek(0)
            yield file
            return
        with tempfile.NamedTemporaryFile() as plain:
            _gunzip(path, plain)
            # Opened anew to read: astropy refuses to map a file that is open for writing.
            with Path(plain.name).open("rb") as unpacked:
                _check_magic(unpacked.read(len(SIMPLE)))
                unpacked.seek(0)
                yield unpacked


def _gunzip(path: Path, target: IO[bytes]) -> None:
    size = 0
    with gzip.open(path) as packed:
        while chunk := packed.read(CHUNK_BYTES):
            size += len(chunk)
            if size > MAX_UNPACKED_BYTES:
                raise InputError(f"unpacks to more than {MAX_UNPACKED_BYTES} bytes")
            target.write(chunk)
    target.flush()


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
            yield Table(name, hdu.header, hdu, stream, begin)
    stream.seek(end)
    if stream.read(8) == b"XTENSION":
        raise InputError("is damaged: the header of its last extension cannot be read")
