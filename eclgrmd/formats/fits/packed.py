"""Unpacking of compressed files into a temporary folder, with a limit on their size."""

import bz2
import gzip
import io
import lzma
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self, cast

from eclgrmd.errors import InputError, MachineError
from eclgrmd.machine import machine_error

__all__ = ["SIMPLE", "Unpacked", "unpacked_text"]

SIMPLE = b"SIMPLE  ="
"""First bytes of every FITS file."""
MAX_UNPACKED_BYTES = 2 << 30
"""Largest unpacked file; an hour of GRM events, 15 million rows of 18 bytes, has an eighth of
it."""
FREE_BYTES = 128 << 20
"""Unpacked size that is allowed for a file of any size."""
MOST_TIMES = 100
"""Additional unpacked size, in units of the compressed size. Measured data compress about 10 times;
deflate compresses zeros 1,000 times."""
MAX_XZ_MEMORY_BYTES = 256 << 20
"""Memory for decompressing xz: enough for all presets; a malicious header may demand 4 GB."""
CHUNK_BYTES = 1 << 20
"""Bytes that are read at a time."""
MAGIC_BYTES = 8
"""Bytes that identify any compression."""
GZIP = b"\x1f\x8b"
"""First bytes of a gzip stream (RFC 1952)."""
LEAST_GZIP_BYTES = 18
"""Length of header and trailer of a gzip stream (RFC 1952)."""
UNKNOWN_PACKINGS = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"LZIP": "packed by lzip",
    b"\x04\x22\x4d\x18": "packed by lz4",
    b"\x1f\xa0": "packed by SCO compress",
    b"\x1f\x1e": "packed by pack",
}
"""Compressions that are recognised by their first bytes but not supported."""
Unpacker = Callable[[Path, IO[bytes]], None]
"""Writes the unpacked content of a file to a target."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Unpacked:
    """Keeps unpacked copies of compressed files while its context is open.

    Each file is unpacked once, and none stays open. The temporary folder is made for the first
    compressed file.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._folder: Path | None = None
        self._plain: dict[Path, Path] = {}

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the unpacked copies."""
        self._stack.close()

    def __call__(self, path: Path) -> Path:
        """Return the path of the unpacked copy, or of the file itself if it is not compressed.

        Raises
        ------
        InputError
            If it unpacks to more than 2 GiB, to more than 128 MiB plus 100 times its size, or to
            something other than FITS, or if its compression is not supported.
        MachineError
            If there is no room for temporary files.
        """
        if path not in self._plain:
            unpacker = _unpacker_of(path)
            self._plain[path] = path if unpacker is None else self._unpack(path, unpacker)
        return self._plain[path]

    def _unpack(self, path: Path, unpacker: Unpacker) -> Path:
        folder = self._folder = self._folder or self._made_folder()
        plain = folder / str(len(self._plain))
        most = _most_bytes(path)
        try:
            with plain.open("wb") as target:
                _run(unpacker, path, cast(IO[bytes], _Limited(target, most)))
        except OSError as error:
            lack = machine_error(error, str(folder.parent))
            if lack is None:
                raise
            raise lack from error
        return plain

    def _made_folder(self) -> Path:
        try:
            name = self._stack.enter_context(
                tempfile.TemporaryDirectory(prefix="eclgrmd-unpacked-")
            )
        except FileNotFoundError as error:
            raise MachineError(
                f"no folder for temporary files (TMPDIR): {error.strerror}"
            ) from error
        return Path(name)


class _Limited(io.RawIOBase):
    """Writes bytes to a file as long as they are a FITS file of limited size."""

    def __init__(self, target: IO[bytes], most: int) -> None:
        self._target = target
        self._most = most
        self._head = b""
        self._size = 0

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, chunk: Any) -> int:
        """Write a chunk.

        Raises
        ------
        InputError
            If all chunks together exceed the limit, or do not start like a FITS file.
        """
        size = len(chunk)
        self._size += size
        if self._size > self._most:
            raise _too_much(self._most)
        if len(self._head) < len(SIMPLE):
            self._head += bytes(chunk[: len(SIMPLE)])
            if not self._head.startswith(SIMPLE[: len(self._head)]):
                raise InputError("is no FITS file: unpacked, it does not begin with SIMPLE")
        self._target.write(chunk)
        return size


class _Enough(Exception):  # noqa: N818 - it ends the unpacking and is not an error
    """Raised when the rest of a file is not needed."""


class _Text(io.RawIOBase):
    """Collects bytes as long as they may be a text of limited size."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.content = b""

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, chunk: Any) -> int:
        """Append a chunk; raise `_Enough` beyond the limit, or if it is a FITS file."""
        self.content += bytes(chunk)[: self._most + 1 - len(self.content)]
        if len(self.content) > self._most or self.content.startswith(SIMPLE):
            raise _Enough
        return len(chunk)


def unpacked_text(path: Path, most: int) -> bytes:
    """Return the start of a file, unpacked; all of it if it has at most `most` bytes.

    For a compressed FITS file, return only the first bytes.

    Raises
    ------
    InputError
        If its compression is not supported.
    """
    unpacker = _unpacker_of(path)
    if unpacker is None:
        with path.open("rb") as file:
            return file.read(most + 1)
    text = _Text(most)
    with suppress(_Enough):
        _run(unpacker, path, cast(IO[bytes], text))
    return text.content


def _run(unpacker: Unpacker, path: Path, target: IO[bytes]) -> None:
    try:
        unpacker(path, target)
    except EOFError as error:
        raise InputError("is cut short: its packed data end too early") from error


def _most_bytes(path: Path) -> int:
    """Return the largest unpacked size that is allowed for a file, bytes.

    Raises
    ------
    InputError
        If the trailer of a gzip file declares a larger size, which saves the time to unpack it.
    """
    size = path.stat().st_size
    most = min(MAX_UNPACKED_BYTES, FREE_BYTES + MOST_TIMES * size)
    with path.open("rb") as file:
        if file.read(len(GZIP)) == GZIP and size > LEAST_GZIP_BYTES:
            file.seek(-4, io.SEEK_END)
            if int.from_bytes(file.read(), "little") > most:  # size of the last stream mod 4 GiB
                raise _too_much(most)
    return most


def _too_much(most: int) -> InputError:
    if most == MAX_UNPACKED_BYTES:
        return InputError(f"unpacks to more than {most} bytes")
    return InputError(
        f"unpacks to more than {most} bytes, {MOST_TIMES} times its size: must be a data file"
    )


def _unpacker_of(path: Path) -> Unpacker | None:
    """Return the unpacker for a file by its first bytes (names may be wrong); None: not packed."""
    with path.open("rb") as file:
        magic = file.read(MAGIC_BYTES)
    for begin, what in UNKNOWN_PACKINGS.items():
        if magic.startswith(begin):
            raise InputError(f"is {what}: unpack it first, or pack it by gzip, bzip2, xz or zstd")
    return next((it for begin, it in UNPACKERS.items() if magic.startswith(begin)), None)


def _gunzip(path: Path, target: IO[bytes]) -> None:
    with gzip.open(path) as packed:
        _copy(packed, target)


def _bunzip(path: Path, target: IO[bytes]) -> None:
    with bz2.open(path) as packed:
        _copy(packed, target)


def _unzstd(path: Path, target: IO[bytes]) -> None:
    from backports import zstd  # noqa: PLC0415 - few files need it

    with zstd.open(path) as packed:
        _copy(packed, target)


def _unxz(path: Path, target: IO[bytes]) -> None:
    """Unpack one or several xz streams; `lzma.open` would not limit the memory."""
    with path.open("rb") as packed:
        rest = packed.read(CHUNK_BYTES)
        while rest.strip(b"\0"):  # the format allows padding with zeros
            decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_XZ_MEMORY_BYTES)
            while not decoder.eof:
                target.write(decoder.decompress(rest, CHUNK_BYTES))
                rest = packed.read(CHUNK_BYTES) if decoder.needs_input else b""
                if decoder.needs_input and not rest:
                    raise EOFError("the end of the xz stream is missing")
            rest = decoder.unused_data or packed.read(CHUNK_BYTES)


def _uncompress(path: Path, target: IO[bytes]) -> None:
    import ncompress  # noqa: PLC0415 - few files need it

    with path.open("rb") as packed:
        pipe = _Pipe(packed, target)
        try:
            ncompress.decompress(pipe, pipe)
        finally:
            if pipe.error is not None:
                raise pipe.error


class _Pipe(io.RawIOBase):
    """A file and its target for ncompress, whose C++ code aborts the process if a write raises.

    The error is stored instead, and reading ends.
    """

    def __init__(self, packed: IO[bytes], target: IO[bytes]) -> None:
        self._packed, self._target = packed, target
        self.error: Exception | None = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def writable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; after an error, none."""
        return b"" if self.error else self._packed.read(size)

    def write(self, chunk: Any) -> int:
        """Write a chunk, unless there was an error."""
        if self.error is None:
            try:
                self._target.write(chunk)
            except Exception as error:  # noqa: BLE001 - raised again by _uncompress
                self.error = error
        return len(chunk)


def _unzip(path: Path, target: IO[bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            raise InputError(f"is a zip archive of {len(members)} files: unpack it first")
        with archive.open(members[0]) as packed:
            _copy(packed, target)


def _copy(packed: _Readable, target: IO[bytes]) -> None:
    while chunk := packed.read(CHUNK_BYTES):
        target.write(chunk)


UNPACKERS: dict[bytes, Unpacker] = {
    GZIP: _gunzip,
    b"\x1f\x9d": _uncompress,
    b"BZh": _bunzip,
    b"\xfd7zXZ\0": _unxz,
    b"\x28\xb5\x2f\xfd": _unzstd,
    b"PK\x03\x04": _unzip,
}
"""Unpacker of each compression, by the first bytes of a file."""
