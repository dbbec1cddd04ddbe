"""Which of the files of a burst an analysis uses, and why it does not use the others."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from .names import FILE_VERSION, FileKind, Instrument
from .packed_names import unpacked_name

__all__ = ["FileSet", "HeldFile", "UnusedFile", "choose_files"]


class HeldFile(Struct, frozen=True, kw_only=True):
    """A file of a burst, as it was received and recognised."""

    data_id: int
    """Grows with the order of arrival."""
    name: str
    sha256: str
    received_at: datetime
    """UTC."""
    kind: FileKind | None = None
    """None: it was refused."""
    instrument: Instrument | None = None
    version: int | None = None
    """Of its headers (PROC_VER); a version in its name goes before."""
    reason: str = ""
    """Why it was refused, or is nothing that an analysis uses; empty: it is used."""


class UnusedFile(Struct, frozen=True):
    """A file that no analysis uses."""

    name: str
    sha256: str
    reason: str


class FileSet(Struct, frozen=True):
    """The files of a burst, parted."""

    used: tuple[HeldFile, ...]
    """In the order of their arrival."""
    unused: tuple[UnusedFile, ...]


def choose_files(files: Iterable[HeldFile]) -> FileSet:
    """Keep the highest version of each file that can be used.

    Versions of a file have the same name but for `_vNN`; the highest NN wins, then the highest
    version in the headers, then what came last.
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
