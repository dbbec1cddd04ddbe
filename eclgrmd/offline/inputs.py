"""The files and folders named on the command line, as inputs of the pipeline."""

import errno
import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from eclgrmd.errors import InputError, MachineError
from eclgrmd.formats import inspect_file
from eclgrmd.formats.fits.packed import Unpacked
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.pipeline import PipelineFile
from eclgrmd.model.plain_text import valid_text

__all__ = ["Inputs", "find_files"]

MOST_NAMED = 3
"""Files left out of a folder that are named on the screen; more are only counted."""
OF_ONE_FILE = frozenset({errno.EACCES, errno.EPERM, errno.EIO})
"""Errors of the operating system that may concern a single file."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files to analyse, and what their headers say of the burst."""

    files: tuple[PipelineFile, ...]
    """The data files, named ones and those of folders."""
    object_name: str
    """Burst named by the first file that names one; empty: none does."""
    flags: tuple[Flag, ...] = ()
    """Files left out of folders, with the reasons."""


def find_files(
    names: Sequence[str], report: Callable[[str], None], unpacked: Unpacked | None = None
) -> Inputs:
    """Recognise the named files, and the data files of the named folders.

    A named file must be readable. An unreadable file of a folder is left out and reported. Unpacked
    files are kept in `unpacked`, if it is given.

    Raises
    ------
    InputError
        If a named file is missing or not recognised (one line for each), or if no file is left.
    """
    paths = [Path(name) for name in names]
    named = {path.resolve() for path in paths if not path.is_dir()}
    found: dict[Path, tuple[PipelineFile, str]] = {}
    wrong: list[str] = []
    left_out: dict[Path, list[str]] = {}
    for path in paths:
        if path.is_dir():
            for each, recognised in _recognised(
                path, named, left_out.setdefault(path, []), unpacked
            ):
                found.setdefault(each.resolve(), recognised)
            continue
        try:
            found.setdefault(path.resolve(), _recognise(path, unpacked))
        except InputError as error:
            wrong.append(str(error))
    reasons = [reason for each in left_out.values() for reason in each]
    if wrong:
        raise InputError("\n".join(wrong))
    if not found:
        nowhere = f"no data file in {', '.join(names)}" if names else "no files: name at least one"
        raise InputError("\n".join(reasons) or nowhere)
    for folder, why in left_out.items():
        if why:
            report(_left_out(folder, why))
    files, objects = zip(*found.values(), strict=True)
    flags = tuple(Flag(FlagCode.UNREADABLE, detail=valid_text(reason)) for reason in reasons)
    return Inputs(files, next(filter(None, objects), ""), flags)


def _recognised(
    folder: Path, named: Collection[Path], left_out: list[str], unpacked: Unpacked | None
) -> Iterator[tuple[Path, tuple[PipelineFile, str]]]:
    """Yield the data files of a folder by name, and collect why others were left out.

    Files that are named on the command line as well are not optional.
    """
    for each in _members(folder):
        try:
            file, object_name = _recognise(each, unpacked)
        except InputError as error:
            left_out.append(str(error))
        except (MachineError, OSError) as error:
            if _code(error) not in OF_ONE_FILE:
                raise
            left_out.append(f"{each.name}: cannot be read: {os.strerror(_code(error))}")
        else:
            yield each, (replace(file, optional=each.resolve() not in named), object_name)


def _code(error: MachineError | OSError) -> int:
    """Return the operating system's number of an error; 0 if it has none."""
    cause = error.__cause__ if isinstance(error, MachineError) else error
    return (cause.errno or 0) if isinstance(cause, OSError) else 0


def _left_out(folder: Path, reasons: list[str]) -> str:
    shown = "; ".join(reasons[:MOST_NAMED])
    more = len(reasons) - MOST_NAMED
    return f"left out of {folder}: {shown}{f'; and {more} more' if more > 0 else ''}"


def _members(folder: Path) -> list[Path]:
    """Return the visible files of a folder, sorted by name."""
    try:
        every = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: cannot be listed: {error.strerror}") from error
    return [each for each in every if not each.is_dir() and not each.name.startswith(".")]


def _recognise(path: Path, unpacked: Unpacked | None) -> tuple[PipelineFile, str]:
    if not path.exists():
        raise InputError(f"{path}: no such file")
    if not path.is_file():
        raise InputError(f"{path}: not a file")
    description = inspect_file(path, unpacked)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    name = valid_text(path.name)
    return PipelineFile(str(path), name, sha256, description.kind), description.object_name
