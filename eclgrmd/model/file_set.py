"""The choice of a burst's files for an analysis, with a reason for each unused file."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from .names import FILE_VERSION, FileKind, Instrument
from .packed_names import unpacked_name

__all__ = ["FileSet", "HeldFile", "UnusedFile", "choose_files"]


class HeldFile(Struct, frozen=True, kw_only=True):
    """A file of a burst as it was received and recognised."""

    data_id: int
    """Number of the file; later files have higher numbers."""
    name: str
    """Name of the file."""
    sha256: str
    """Checksum of its content, 64 hexadecimal digits."""
    received_at: datetime
    """Time of arrival, UTC without time zone."""
    kind: FileKind | None = None
    """Kind of its content; None: it was refused."""
    instrument: Instrument | None = None
    """Instrument that took the data; None: not named in the file."""
    version: int | None = None
    """Version in its headers (PROC_VER); a version in the name takes precedence. None: none."""
    reason: str = ""
    """Why the file was refused or is not used by any analysis; empty: it is used."""


class UnusedFile(Struct, frozen=True):
    """A file that no analysis uses."""

    name: str
    """Name of the file."""
    sha256: str
    """Checksum of its content, 64 hexadecimal digits."""
    reason: str
    """Why it is not used, continuing a sentence that starts with the name."""


class FileSet(Struct, frozen=True):
    """The files of a burst, divided into used and unused ones."""

    used: tuple[HeldFile, ...]
    """Files to analyse, in the order of arrival."""
    unused: tuple[UnusedFile, ...]
    """All other files."""


def choose_files(files: Iterable[HeldFile]) -> FileSet:
    """Choose the highest version of each usable file.

    Versions of a file have the same name except for `_vNN`. The highest NN wins, then the highest
    version in the headers, then the last arrival.
    """
    best: dict[str, HeldFile] = {}
    unused: list[UnusedFile] = []
    for file in sorted(files, key=_rank):
        if file.reason or file.kind is None:
            unused.append(UnusedFile(file.name, file.sha256, file.reason or "was refused"))
            continue
        key = _unversioned(file.name)
        if (lower := best.get(key)) is not None:
            unused.append(UnusedFile(lower.name, lower.sha256, _superseded(lower, file)))
        best[key] = file
    used = sorted(best.values(), key=lambda file: file.data_id)
    return FileSet(tuple(used), tuple(unused))


def _rank(file: HeldFile) -> tuple[int, int, int]:
    named = FILE_VERSION.search(file.name)
    in_name = int(named[1]) if named else -1
    return in_name, -1 if file.version is None else file.version, file.data_id


def _superseded(lower: HeldFile, higher: HeldFile) -> str:
    if lower.name == higher.name:
        return "is superseded by a later file of the same name"
    return f"is superseded by {higher.name}"


def _unversioned(name: str) -> str:
    return FILE_VERSION.sub("", unpacked_name(name))
