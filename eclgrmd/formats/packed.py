"""Files that came packed, unpacked into a temporary folder with a limit on their size."""

import bz2
import gzip
import io
import lzma
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self, cast

from eclgrmd.errors import InputError, MachineError
from eclgrmd.machine import machine_trouble

__all__ = ["SIMPLE", "Unpacked"]

SIMPLE = b"SIMPLE  ="
MAX_UNPACKED_BYTES = 2 << 30
MAX_XZ_MEMORY_BYTES = 256 << 20
"""Enough for all presets of xz; a header may ask for 4 GB."""
CHUNK_BYTES = 1 << 20
MAGIC_BYTES = 8
UNKNOWN_PACKINGS = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"LZIP": "packed by lzip",
    b"\x04\x22\x4d\x18": "packed by lz4",
    b"\x1f\xa0": "packed by SCO compress",
    b"\x1f\x1e": "packed by pack",
}
Unpacker = Callable[[Path, IO[bytes]], None]


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Unpacked:
    """Keeps packed files unpacked while it is open, so that each is unpacked once.

    No file stays open. The temporary folder is made when the first packed file is met.
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
        """Remove what was unpacked."""
        self._stack.close()

    def __call__(self, path: Path) -> Path:
        """Return where a file lies unpacked: the file itself, if it is not packed.

        Raises
        ------
        InputError
            When it unpacks to more than 2 GiB or to something that is no FITS, or is packed in a
            way that is not known here.
        MachineError
            When there is no room for temporary files.
        """
        if path not in self._plain:
            unpacker = _unpacker_of(path)
            self._plain[path] = path if unpacker is None else self._unpack(path, unpacker)
        return self._plain[path]

    def _unpack(self, path: Path, unpacker: Unpacker) -> Path:
        folder = self._folder = self._folder or self._made_folder()
        plain = folder / str(len(self._plain))
        try:
            with plain.open("wb") as target:
                unpacker(path, cast(IO[bytes], _Limited(target)))
        except OSError as error:
            trouble = machine_trouble(error, str(folder.parent))
            if trouble is None:
                raise
            raise trouble from error
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
    """Passes bytes on to a file as long as they are a FITS file of bounded size."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
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
            When all chunks are longer than the limit, or do not begin as a FITS file does.
        """
        size = len(chunk)
        self._size += size
        if self._size > MAX_UNPACKED_BYTES:
            raise InputError(f"unpacks to more than {MAX_UNPACKED_BYTES} bytes")
        if len(self._head) < len(SIMPLE):
            self._head += bytes(chunk[: len(SIMPLE)])
            if not self._head.startswith(SIMPLE[: len(self._head)]):
                raise InputError("is no FITS file: unpacked, it does not begin with SIMPLE")
        self._target.write(chunk)
        return size


def _unpacker_of(path: Path) -> Unpacker | None:
    """Return what unpacks a file, by its first bytes; its name may say anything."""
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
    from backports import zstd  # noqa: PLC0415 - only for the few files that need it

    with zstd.open(path) as packed:
        _copy(packed, target)


def _unxz(path: Path, target: IO[bytes]) -> None:
    """Unpack one or several xz streams; `lzma.open` would set no limit on memory."""
    with path.open("rb") as packed:
        rest = packed.read(CHUNK_BYTES)
        while rest.strip(b"\0"):  # a file may be padded
            decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_XZ_MEMORY_BYTES)
            while not decoder.eof:
                target.write(decoder.decompress(rest, CHUNK_BYTES))
                rest = packed.read(CHUNK_BYTES) if decoder.needs_input else b""
                if decoder.needs_input and not rest:
                    raise EOFError("the end of the xz stream is missing")
            rest = decoder.unused_data or packed.read(CHUNK_BYTES)


def _uncompress(path: Path, target: IO[bytes]) -> None:
    import ncompress  # noqa: PLC0415 - only for the few files that need it

    with path.open("rb") as packed:
        ncompress.decompress(packed, target)


def _unzip(path: Path, target: IO[bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        members = [each for each in archive.infolist() if not each.is_dir()]
        if len(members) != 1:
            raise InputError(f"is a zip archive of {len(members)} files: unpack it first")
        with archive.open(members[0]) as packed:
            _copy(packed, target)


def _copy(packed: _Readable, target: IO[bytes]) -> None:
    while chunk := packed.read(CHUNK_BYTES):
        target.write(chunk)


UNPACKERS: dict[bytes, Unpacker] = {
    b"\x1f\x8b": _gunzip,
    b"\x1f\x9d": _uncompress,
    b"BZh": _bunzip,
    b"\xfd7zXZ\0": _unxz,
    b"\x28\xb5\x2f\xfd": _unzstd,
    b"PK\x03\x04": _unzip,
}
