"""Files that came packed, unpacked into a temporary folder with a limit on their size."""

import gzip
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from eclgrmd.errors import InputError, MachineError
from eclgrmd.machine import machine_trouble

__all__ = ["Unpacked"]

MAX_UNPACKED_BYTES = 2 << 30
GZIP = b"\x1f\x8b"
CHUNK_BYTES = 1 << 20


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
            When it unpacks to more than 2 GiB.
        MachineError
            When there is no room for temporary files.
        """
        if path not in self._plain:
            self._plain[path] = self._unpacked(path) if _is_packed(path) else path
        return self._plain[path]

    def _unpacked(self, path: Path) -> Path:
        folder = self._folder = self._folder or self._made_folder()
        plain = folder / str(len(self._plain))
        try:
            with plain.open("wb") as target:
                _gunzip(path, target)
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


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(GZIP)) == GZIP


def _gunzip(path: Path, target: IO[bytes]) -> None:
    size = 0
    with gzip.open(path) as packed:
        while chunk := packed.read(CHUNK_BYTES):
            size += len(chunk)
            if size > MAX_UNPACKED_BYTES:
                raise InputError(f"unpacks to more than {MAX_UNPACKED_BYTES} bytes")
            target.write(chunk)
